/**
 * A theme's options as custom properties of the element. What an option leaves open keeps its value from tokens.css,
 * or from the page's own style sheet.
 * @import {ColorOption, FontObject, ThemeOption} from "@openai/chatkit"
 */

import { inPage } from "./rem.js";

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
/** What can't be read at least so well is no text. */
const LEAST_CONTRAST = 3;

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
    ...(accent && accents(accent, surface)),
  };
}

/** The hue is one of `hsl()`, where 220 is blue; in `oklch()` it would be teal.
 * @param {NonNullable<ColorOption["grayscale"]>} options */
function greys({ hue, tint, shade = 0 }) {
  const coloured = `hsl(${hue} 50% 50%)`;
  const tone = (/** @type {number} */ lightness, /** @type {number} */ strength) =>
    `oklch(from ${coloured} ${round(Math.min(1, lightness))} ${round(tint * TINT_STEP * strength)} h)`;
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

/** Two colours stand for everything between them. Pages mean two things by the second: the text on the first, as the
 * types say; or, as in OpenAI's own samples, what lies upon it, such as the composer. Which, shows in whether it could
 * be read there.
 * @param {NonNullable<ColorOption["surface"]>} options */
function surfaces({ background, foreground }) {
  const isText = contrast(background, foreground) >= LEAST_CONTRAST;
  const text = isText ? foreground : "var(--ink-1)";
  const mix = (/** @type {number} */ percent) => `color-mix(in oklab, ${text} ${percent}%, ${background})`;
  return {
    "--surface": background,
    ...(isText ? { "--text": foreground } : { "--raised": foreground, "--bubble": foreground }),
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

/** Areas have the accent as it is. Words in it are as dark by day, and as light by night, as one can read them on a wash.
 * @param {NonNullable<ColorOption["accent"]>} options @param {ColorOption["surface"]} surface */
function accents({ primary, level }, surface) {
  const [quiet, clear] = ACCENT_SHARE[level] ?? ACCENT_SHARE[1] ?? [];
  const wash = (/** @type {number | undefined} */ percent) =>
    `color-mix(in oklab, ${primary} ${percent}%, var(--surface))`;
  return {
    "--accent": primary,
    "--accent-text": readable(primary, surface ? luminance(surface.background) : Number.NaN),
    "--accent-strong": `color-mix(in oklab, ${primary} 86%, var(--text))`,
    // White, and black on what is too light for it: 4.5 to 1 and more.
    "--on-accent": `oklch(from ${primary} clamp(0, (0.58 - l) * 1000, 1) 0 0)`,
    "--accent-wash": wash(quiet),
    "--accent-tint": wash(clear),
    "--bubble": wash(quiet),
  };
}

/** @param {string} color @param {number} paper how light what it stands on is, if that doesn't go by day and night */
function readable(color, paper) {
  const [day, night] = ["min(l, 0.48)", "max(l, 0.75)"].map((light) => `oklch(from ${color} ${light} c h)`);
  return (paper > 0.3 && day) || (paper < 0.15 && night) || `light-dark(${day}, ${night})`;
}

/** How well one colour shows on another, from 1 to 21, by WCAG; what can't be told is taken for well.
 * @param {string} one @param {string} other */
function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return ((lighter ?? Number.NaN) + 0.05) / ((darker ?? Number.NaN) + 0.05) || 21;
}

/** @param {string} color */
function luminance(color) {
  const [red = 0, green = 0, blue = 0] = channels(color).map((channel) =>
    channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Red, green and blue from 0 to 1. What isn't in hex a canvas knows.
 * @param {string} color @returns {number[]} */
function channels(color) {
  const hex = /^#([\da-f]{3}|[\da-f]{6})$/i.exec(color.trim())?.[1];
  const pairs = hex?.match(hex.length === 3 ? /./g : /../g);
  if (pairs) return pairs.map((pair) => Number.parseInt(pair.padStart(2, pair), 16) / 255);
  const canvas = globalThis.OffscreenCanvas && new OffscreenCanvas(1, 1).getContext("2d");
  if (!canvas) return [Number.NaN];
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((channel) => channel / 255);
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
  for (const [name, value] of Object.entries(properties)) host.style.setProperty(name, inPage(value));
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
