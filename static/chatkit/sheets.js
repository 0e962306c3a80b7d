/** The element's style sheets, shared by every instance. They are adopted, so the page's policy needs no inline style. */

import { inPage } from "./rem.js";

const FILES = ["./tokens.css", "./parts.css", "./chatkit.css", "./items.css", "./composer.css"];

/** What each sheet was written as. @type {Map<CSSStyleSheet, string>} */
const written = new Map();
/** Write every sheet for the page as it is now. */
export function fitSheets() {
  for (const [sheet, css] of written) sheet.replaceSync(inPage(css));
}

/** Through the import map, so that hashed names are found too.
 * @param {string} file from this folder */
export async function loadSheet(file) {
  const sheet = new CSSStyleSheet();
  const response = await fetch(import.meta.resolve(file));
  const css = response.ok ? await response.text() : "";
  written.set(sheet, css);
  sheet.replaceSync(inPage(css));
  return sheet;
}

/** Filled when there is a formula. */
export const mathSheet = new CSSStyleSheet();

/** @type {CSSStyleSheet[]} */
export const sheets = [...(await Promise.all(FILES.map(loadSheet))), mathSheet];
