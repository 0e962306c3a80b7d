/**
 * A theme's options as custom properties of the element. What an option leaves open keeps its value from tokens.css,
 * or from the page's own style sheet.
 * @import {ColorOption, FontObject, ThemeOption} from "@openai/chatkit"
 */

/** How much of the accent is in washes and in the bubble, by level: percent of quiet and of clear areas. */
const ACCENT_SHARE = [
  [3, 8],
  [6, 13],
  [11, 20],
  [17, 28],
];

/** The greys of tokens.css: lightness by day and by night, and how strongly each is tinted. Near white there is room
 * for little colour. @type {Record<string, [number, number, number, number]>} */
const GREYS = {
  "paper-0": [1, 0.218, 0, 1.2],
  "paper-1": [0.979, 0.187, 0.35, 1.2],
  "paper-2": [0.956, 0.258, 0.8, 1.4],
  "paper-3": [0.928, 0.298, 1.2, 1.6],
  "line-1": [0.912, 0.292, 1.4, 1.6],
  "line-2": [0.842, 0.372, 2, 2],
  "line-3": [0.648, 0.565, 2.4, 2.4],
  "ink-1": [0.225, 0.938, 2, 1],
  "ink-2": [0.415, 0.782, 2, 2],
  "ink-3": [0.515, 0.688, 2, 2],
};
const TINT_STEP = 0.0022;
const SHADE_STEP = { day: 0.004, night: 0.014 };

/** Corners by name: small, controls, cards, the bubble and the composer. */
const CORNERS = {
  pill: ["0.5rem", "999px", "1rem", "1.5rem"],
  round: ["0.5rem", "0.75rem", "1rem", "1.25rem"],
  soft: ["0.375rem", "0.5rem", "0.75rem", "1rem"],
  sharp: ["0.125rem", "0.125rem", "0.125rem", "0.125rem"],
};
const CORNER_NAMES = ["--r-small", "--r-control", "--r-card", "--r-large"];
const DENSITIES = { compact: 0.8, normal: 1, spacious: 1.2 };
const BASE_SIZE_PX = 15;

/** Return the custom properties of a theme.
 * @param {ThemeOption} theme @returns {Record<string, string>} */
export function themeProperties({ color = {}, radius, density, typography = {} }) {
  const corners = radius ? CORNERS[radius] : [];
  return {
    ...colorProperties(color),
    ...Object.fromEntries(corners.map((size, at) => [CORNER_NAMES[at], size])),
    ...(density && { "--density": String(DENSITIES[density]) }),
    ...(typography.baseSize && { "--type": String(typography.baseSize / BASE_SIZE_PX) }),
    ...(typography.fontFamily && { "--font": typography.fontFamily }),
    ...(typography.fontFamilyMono && { "--font-mono": typography.fontFamilyMono }),
  };
}

/** @param {ColorOption} color */
function colorProperties({ grayscale, accent, surface }) {
  return {
    ...(grayscale && greys(grayscale)),
    ...(surface && surfaces(surface)),
    ...(accent && accents(accent)),
  };
}

/** @param {NonNullable<ColorOption["grayscale"]>} options */
function greys({ hue, tint, shade = 0 }) {
  const tone = (/** @type {number} */ lightness, /** @type {number} */ strength) =>
    `oklch(${round(Math.min(1, lightness))} ${round(tint * TINT_STEP * strength)} ${hue})`;
  return Object.fromEntries(
    Object.entries(GREYS).map(([name, [day, night, tintByDay, tintByNight]]) => {
      const isPaper = name.startsWith("paper");
      const [byDay, byNight] = isPaper
        ? [day - shade * SHADE_STEP.day, night - shade * SHADE_STEP.night]
        : [day, night];
      return [`--${name}`, `light-dark(${tone(byDay, tintByDay)}, ${tone(byNight, tintByNight)})`];
    }),
  );
}

/** Two colours stand for everything between them.
 * @param {NonNullable<ColorOption["surface"]>} options */
function surfaces({ background, foreground }) {
  const mix = (/** @type {number} */ percent) =>
    `color-mix(in oklab, ${foreground} ${percent}%, ${background})`;
  return {
    "--surface": background,
    "--text": foreground,
    "--canvas": mix(2),
    "--sunken": mix(3),
    "--hover": mix(5),
    "--pressed": mix(9),
    "--hairline": mix(10),
    "--border": mix(18),
    "--border-control": mix(48),
    "--text-soft": mix(80),
    "--text-quiet": mix(66),
  };
}

/** @param {NonNullable<ColorOption["accent"]>} options */
function accents({ primary, level }) {
  const [quiet, clear] = ACCENT_SHARE[level] ?? ACCENT_SHARE[1] ?? [];
  const wash = (/** @type {number | undefined} */ percent) =>
    `color-mix(in oklab, ${primary} ${percent}%, var(--surface))`;
  return {
    "--accent": primary,
    "--accent-strong": `color-mix(in oklab, ${primary} 86%, var(--text))`,
    "--on-accent": `oklch(from ${primary} clamp(0.16, (0.68 - l) * 1000, 1) 0 0)`,
    "--accent-wash": wash(quiet),
    "--accent-tint": wash(clear),
    "--bubble": wash(quiet),
  };
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10_000) / 10_000;
}

/** What an earlier theme set on an element. @type {WeakMap<HTMLElement, string[]>} */
const applied = new WeakMap();

/** Give an element a theme, and take an earlier one away.
 * @param {HTMLElement} host @param {ThemeOption | "light" | "dark" | undefined} theme */
export function applyTheme(host, theme) {
  const { colorScheme, ...rest } = typeof theme === "string" ? { colorScheme: theme } : (theme ?? {});
  if (colorScheme) host.dataset.theme = colorScheme;
  else delete host.dataset.theme;
  const properties = themeProperties(rest);
  for (const name of applied.get(host) ?? []) host.style.removeProperty(name);
  for (const [name, value] of Object.entries(properties)) host.style.setProperty(name, value);
  applied.set(host, Object.keys(properties));
  for (const font of rest.typography?.fontSources ?? []) loadFont(font);
}

/** Fonts by address. @type {Set<string>} */
const fonts = new Set();

/** A font that can't be had leaves the next one of its family list.
 * @param {FontObject} font */
function loadFont({ family, src, weight, style, display = "swap", unicodeRange }) {
  const key = JSON.stringify([family, src, weight, style]);
  if (fonts.has(key)) return;
  fonts.add(key);
  const face = new FontFace(family, `url(${JSON.stringify(src)})`, {
    display,
    ...(weight !== undefined && { weight: String(weight) }),
    ...(style && { style }),
    ...(unicodeRange && { unicodeRange }),
  });
  document.fonts.add(face);
  face.load().catch(() => {});
}
