/** Lucide's drawings beyond the common ones, all in one file, which is fetched with the first of them. */

const FILE = "@iconify-json/lucide/icons.json";
const SVG = "http://www.w3.org/2000/svg";
const SHAPES = /<(path|circle|rect|line|ellipse|polyline|polygon) ([^>]*)\/>/g;
const ATTRIBUTES = /([\w-]+)="([^"]*)"/g;
/** What says where lines run. How they look is the style sheet's to say. */
const GEOMETRY = new Set("d cx cy r rx ry x y x1 y1 x2 y2 width height points transform".split(" "));

/** @typedef {{icons: Record<string, {body: string}>, aliases: Record<string, {parent: string}>}} Drawings */

/** @type {Promise<Drawings> | null} */
let loading = null;

/** Fill a drawing; with a name that Lucide doesn't know it takes no room.
 * @param {Element} place @param {string} name */
export async function drawLucide(place, name) {
  const shapes = shapesOf(await drawings(), name);
  place.setAttribute("viewBox", "0 0 24 24");
  place.classList.add("icon--24");
  place.replaceChildren(...shapes.map(({ tag, attributes }) => elementOf(tag, attributes)));
  place.toggleAttribute("hidden", shapes.length === 0);
}

/** @param {Drawings} known @param {string} name @returns {{tag: string, attributes: [string, string][]}[]} */
export function shapesOf({ icons, aliases }, name) {
  const parent = Object.hasOwn(aliases, name) ? aliases[name]?.parent : undefined;
  const body = Object.hasOwn(icons, parent ?? name) ? icons[parent ?? name]?.body : undefined;
  return [...(body ?? "").matchAll(SHAPES)].map(([, tag = "", text = ""]) => ({
    tag,
    attributes: [...text.matchAll(ATTRIBUTES)]
      .map(([, key = "", value = ""]) => /** @type {[string, string]} */ ([key, value]))
      .filter(([key]) => GEOMETRY.has(key)),
  }));
}

/** @returns {Promise<Drawings>} */
function drawings() {
  loading ??= load();
  return loading;
}

/** A failed download is tried again with the next drawing. */
async function load() {
  try {
    const response = await fetch(import.meta.resolve(FILE));
    if (!response.ok) throw new Error(`Lucide's drawings were answered with ${response.status}`);
    return /** @type {Drawings} */ (await response.json());
  } catch {
    loading = null;
    return { icons: {}, aliases: {} };
  }
}

/** @param {string} tag @param {[string, string][]} attributes */
function elementOf(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of attributes) element.setAttribute(key, value);
  return element;
}
