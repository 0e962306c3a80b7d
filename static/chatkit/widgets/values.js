/**
 * A widget's properties as values of style sheets. No DOM.
 *
 * A number is a step of the spacing scale where it says how far things are apart, and pixels where it says how
 * large they are. Text is taken as it is written in a style sheet, but never fetches anything.
 */

/** @typedef {Record<string, string>} Declarations */

const FETCHES = /\b(?:url|src|image|image-set|cross-fade|element|paint|attr)\s*\(|[\\;{}<>@]/i;
const LONGEST = 300;

/** @param {unknown} value @returns {value is Record<string, unknown>} */
export function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Words of a component; whatever isn't text or a number is none.
 * @param {unknown} value @returns {string} */
export function words(value) {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** So long words give way in a row, and leave the others their width. */
const LONG = 24;

/** @param {unknown} value @returns {string} a class for what may be narrower than its words */
export function yields(value) {
  return words(value).length > LONG ? "w-yields" : "";
}

/** A finite number, also written as text.
 * @param {unknown} value @returns {number | null} */
export function number(value) {
  const read = typeof value === "string" && value.trim() ? Number(value) : value;
  return typeof read === "number" && Number.isFinite(read) ? read : null;
}

/** One of several names, or the first.
 * @template {string} T @param {unknown} value @param {readonly [T, ...T[]]} names @returns {T} */
export function oneOf(value, names) {
  return names.find((name) => name === value) ?? names[0];
}

/** Text for a style sheet; what could fetch something is none.
 * @param {unknown} value @returns {string} */
export function css(value) {
  return typeof value === "string" && value.length <= LONGEST && !FETCHES.test(value) ? value.trim() : "";
}

/** How far things are apart: a number is so many quarters of a line's 16.
 * @param {unknown} value @returns {string} */
export function space(value) {
  const steps = number(value);
  return steps === null ? css(value) : `${steps * 0.25}rem`;
}

/** How large something is: a number is pixels, which grow with the reader's text.
 * @param {unknown} value @returns {string} */
export function length(value) {
  const pixels = number(value);
  return pixels === null ? css(value) : `${pixels / 16}rem`;
}

/** @type {Record<string, string>} */
const RADII = {
  "2xs": "0.125rem",
  xs: "0.25rem",
  sm: "0.375rem",
  md: "0.5rem",
  lg: "0.625rem",
  xl: "0.75rem",
  "2xl": "1rem",
  "3xl": "1.25rem",
  "4xl": "1.5rem",
  full: "9999px",
  "100%": "100%",
  none: "0",
};

/** @param {unknown} value @returns {string} */
export function radius(value) {
  return named(RADII, value) ?? "";
}

/** The names' own values only: a server's word may be one that every object has.
 * @param {Record<string, string>} record @param {unknown} name @returns {string | undefined} */
export function named(record, name) {
  return typeof name === "string" && Object.hasOwn(record, name) ? record[name] : undefined;
}

const SIDES = /** @type {const} */ ({
  top: ["block-start"],
  bottom: ["block-end"],
  left: ["inline-start"],
  right: ["inline-end"],
  x: ["inline-start", "inline-end"],
  y: ["block-start", "block-end"],
});

/** Single sides win over pairs.
 * @param {Record<string, unknown>} sides @returns {[side: string, value: unknown][]} */
function sidesOf(sides) {
  /** @type {Map<string, unknown>} */
  const found = new Map();
  for (const name of /** @type {const} */ (["x", "y", "top", "bottom", "left", "right"]))
    if (sides[name] !== undefined) for (const side of SIDES[name]) found.set(side, sides[name]);
  return [...found];
}

/** Padding or margin, for all sides or each its own.
 * @param {"padding" | "margin"} property @param {unknown} value @returns {Declarations} */
export function spacing(property, value) {
  if (!isRecord(value)) return { [property]: space(value) };
  return Object.fromEntries(sidesOf(value).map(([side, far]) => [`${property}-${side}`, space(far)]));
}

/** @param {unknown} value @returns {Declarations} */
export function borders(value) {
  const isSided = isRecord(value) && Object.keys(SIDES).some((side) => side in value);
  if (!isSided) return { border: line(value) };
  return Object.fromEntries(sidesOf(value).map(([side, one]) => [`border-${side}`, line(one)]));
}

const LINES = /** @type {const} */ ([
  "solid",
  "dashed",
  "dotted",
  "double",
  "groove",
  "ridge",
  "inset",
  "outset",
]);

/** @param {unknown} value @returns {string} */
function line(value) {
  const { size, color, style } = isRecord(value) ? value : { size: value, color: null, style: null };
  const width = number(size);
  return width === null ? "" : `${width}px ${oneOf(style, LINES)} ${lineColour(color)}`;
}

/** @type {Record<string, string>} */
const TEXT_COLOURS = {
  prose: "var(--text)",
  primary: "var(--text)",
  emphasis: "var(--text)",
  secondary: "var(--text-soft)",
  tertiary: "var(--text-quiet)",
  success: "var(--good)",
  warning: "var(--warning)",
  caution: "var(--warning)",
  danger: "var(--danger)",
  info: "var(--accent)",
  discovery: "var(--discovery)",
};

/** @type {Record<string, string>} */
const SURFACES = {
  surface: "var(--surface)",
  "surface-secondary": "var(--sunken)",
  "surface-tertiary": "var(--hover)",
  "surface-elevated": "var(--surface)",
  "surface-elevated-secondary": "var(--sunken)",
};

/** @type {Record<string, string>} */
const LINE_COLOURS = { default: "var(--border)", subtle: "var(--hairline)", strong: "var(--border-control)" };

/** @type {Record<string, string>} */
const PLOTS = {
  blue: "var(--plot-1)",
  purple: "var(--plot-4)",
  orange: "var(--plot-3)",
  green: "var(--plot-5)",
  red: "var(--plot-6)",
  yellow: "var(--plot-7)",
  pink: "var(--plot-8)",
};
const SERIES = ["blue", "orange", "purple", "green", "pink", "yellow", "red"];

/** @param {unknown} value */
export const textColour = (value) => colour(value, TEXT_COLOURS);

/** A background; where light and dark have gradients of their own, `light-dark()` can't hold them: see `.w-themed`.
 * @param {unknown} value @returns {Declarations} */
export function background(value) {
  if (!isRecord(value) || !hasGradient(value)) return { background: colour(value, SURFACES) };
  return { "--in-light": single(value.light, SURFACES), "--in-dark": single(value.dark, SURFACES) };
}

/** @param {Record<string, unknown>} node */
export function themedClass({ background }) {
  return isRecord(background) && hasGradient(background) ? "w-themed" : "";
}

/** @param {Record<string, unknown>} themed */
const hasGradient = ({ light, dark }) => /gradient\(/.test(words(light) + words(dark));

/** @param {unknown} value */
export const lineColour = (value) => colour(value, LINE_COLOURS) || "var(--border)";

/** A series without a colour takes the first that no other has.
 * @param {unknown} value @param {readonly unknown[]} taken names that others have, or took */
export function plotColour(value, taken) {
  const free = SERIES.find((name) => !taken.includes(name)) ?? SERIES[taken.length % SERIES.length] ?? "blue";
  return { name: words(value) || free, colour: colour(value ?? free, PLOTS) || colour(free, PLOTS) };
}

/** A name, a step of a palette, what a style sheet takes, or one of these for light and one for dark.
 * @param {unknown} value @param {Record<string, string>} names @returns {string} */
function colour(value, names) {
  if (isRecord(value)) {
    const [light, dark] = [single(value.light, names), single(value.dark, names)];
    return light && dark ? `light-dark(${light}, ${dark})` : light || dark;
  }
  return single(value, names);
}

/** @param {unknown} value @param {Record<string, string>} names @returns {string} */
function single(value, names) {
  return named(names, value) ?? shade(value) ?? css(value);
}

/** Hue and strongest chroma of each palette. @type {Record<string, readonly [hue: number, chroma: number]>} */
const PALETTES = {
  gray: [250, 0.008],
  red: [26, 0.2],
  orange: [52, 0.17],
  yellow: [88, 0.155],
  green: [152, 0.155],
  blue: [250, 0.165],
  purple: [300, 0.18],
  pink: [352, 0.185],
};

/** A palette's step, `red-100` to `gray-900`: light to dark, with most colour in the middle.
 * @param {unknown} value @returns {string | null} */
function shade(value) {
  const [, name = "", step = ""] = (typeof value === "string" && /^([a-z]+)-(\d{1,4})$/.exec(value)) || [];
  const palette = Object.hasOwn(PALETTES, name) ? PALETTES[name] : null;
  if (!palette) return null;
  const depth = Math.min(Number(step), 1000) / 1000;
  const lightness = 0.99 - 0.8 * depth ** 0.9;
  const chroma = palette[1] * Math.sin(Math.PI * Math.min(1, 0.08 + depth * 0.86)) ** 0.8;
  return `oklch(${lightness.toFixed(3)} ${chroma.toFixed(3)} ${palette[0]})`;
}

/** Sizes, for everything that has some.
 * @param {Record<string, unknown>} node @returns {Declarations} */
export function block(node) {
  const { size, minSize, maxSize, aspectRatio, margin } = node;
  return kept({
    "inline-size": length(node.width ?? size),
    "block-size": length(node.height ?? size),
    "min-inline-size": length(node.minWidth ?? minSize),
    "min-block-size": length(node.minHeight ?? minSize),
    "max-inline-size": length(node.maxWidth ?? maxSize),
    "max-block-size": length(node.maxHeight ?? maxSize),
    "aspect-ratio": typeof aspectRatio === "number" ? String(aspectRatio) : css(aspectRatio),
    "border-radius": radius(node.radius),
    flex: flex(node.flex),
    ...spacing("margin", margin),
  });
}

/** @type {Record<string, string>} */
const ALIGNMENTS = {
  start: "flex-start",
  center: "center",
  end: "flex-end",
  baseline: "baseline",
  stretch: "stretch",
};

/** @type {Record<string, string>} */
const JUSTIFICATIONS = {
  start: "flex-start",
  center: "center",
  end: "flex-end",
  between: "space-between",
  around: "space-around",
  evenly: "space-evenly",
  stretch: "stretch",
};

/** What boxes have beyond sizes: how their children lie, and how they are painted.
 * @param {Record<string, unknown>} node @returns {Declarations} */
export function box(node) {
  const { wrap } = node;
  return {
    ...block(node),
    ...kept({
      "align-items": named(ALIGNMENTS, node.align) ?? "",
      "justify-content": named(JUSTIFICATIONS, node.justify) ?? "",
      "flex-wrap": wrap === "wrap" || wrap === "wrap-reverse" || wrap === "nowrap" ? wrap : "",
      gap: space(node.gap),
      ...background(node.background),
      ...spacing("padding", node.padding),
      ...borders(node.border),
    }),
  };
}

/** @param {unknown} value @returns {string} */
function flex(value) {
  const share = number(value);
  return share === null ? css(value) : `${share} 1 0%`;
}

/** Leave out what says nothing.
 * @param {Declarations} declarations @returns {Declarations} */
export function kept(declarations) {
  return Object.fromEntries(Object.entries(declarations).filter(([, value]) => value));
}
