/** What the page's scripts say, in the language of the page: chatsite/page_texts.py. */

/** @type {import("./types.js").Texts} */
export const texts = JSON.parse(globalThis.document?.getElementById("page-texts")?.textContent ?? "{}");

/** The language that dates and numbers follow; in English as the airline's home has it. */
export const language = languageOf(globalThis.document?.documentElement.lang ?? "");

/** @param {string} name */
function languageOf(name) {
  return name && name !== "en" ? name : "en-GB";
}

/** Return a text with its gaps filled. @param {string} text @param {Record<string, string | number | undefined>} values */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (gap, name) => String(values[name] ?? gap));
}
