/**
 * Formulas as MathML, which the browser sets itself. What knows how is fetched with the first formula.
 */

import { mathSheet } from "../sheets.js";

/** A formula may not grow over the page, nor keep it busy. */
const LIMITS = { maxSize: /** @type {[number, number]} */ ([25, 100]), maxExpand: 500 };

/** @type {typeof import("temml").default | null} */
let temml = null;
/** @type {Promise<void> | null} */
let loading = null;

/** Replace a formula's source by what it means; where that fails the source stays.
 * @param {HTMLElement} place @param {boolean} isBlock */
export function drawMath(place, isBlock) {
  const formula = place.textContent ?? "";
  if (temml) {
    draw(temml, place, formula, isBlock);
    return;
  }
  loading ??= load();
  loading.then(() => temml && draw(temml, place, formula, isBlock));
}

async function load() {
  try {
    const [module, response] = await Promise.all([
      import("temml"),
      fetch(import.meta.resolve("temml/styles.css")),
    ]);
    if (response.ok) mathSheet.replaceSync(await response.text());
    temml = module.default;
  } catch {
    loading = null;
  }
}

/** @param {typeof import("temml").default} setter @param {HTMLElement} place @param {string} formula @param {boolean} isBlock */
function draw(setter, place, formula, isBlock) {
  try {
    setter.render(formula, place, { displayMode: isBlock, throwOnError: true, trust: false, ...LIMITS });
    place.dataset.formula = formula;
    if (isBlock) place.tabIndex = 0; // it scrolls where it is wider than the page
  } catch {
    place.textContent = formula;
  }
}
