/** The element's style sheets, shared by every instance. They are adopted, so the page's policy needs no inline style. */

const FILES = ["./tokens.css", "./parts.css", "./chatkit.css", "./items.css", "./composer.css"];

/** Through the import map, so that hashed names are found too.
 * @param {string} file from this folder */
export async function loadSheet(file) {
  const sheet = new CSSStyleSheet();
  const response = await fetch(import.meta.resolve(file));
  if (response.ok) sheet.replaceSync(await response.text());
  return sheet;
}

/** Filled when there is a formula. */
export const mathSheet = new CSSStyleSheet();

/** @type {CSSStyleSheet[]} */
export const sheets = [...(await Promise.all(FILES.map(loadSheet))), mathSheet];
