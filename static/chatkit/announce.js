/** What a screen reader is told of a reply that streams: whole sentences, each once. No DOM. */

import { toPlainText } from "./markdown.js";

/** Where a sentence or a line ends, with the space after it. Only the end is looked for: the words may be many. */
const END = /(?:[.!?…؟]["'”’)\]]*(?=\s)|[。！？]["'”’)\]）」』]*|\n)\s*/g;

export class Sentences {
  /** How much of each item was said. @type {Map<string, number>} */
  #said = new Map();

  /** Return what is new and complete; with `isDone` all that is left.
   * @param {string} itemId @param {string} text @param {boolean} isDone @returns {string} */
  next(itemId, text, isDone) {
    const from = this.#said.get(itemId) ?? 0;
    const fresh = text.slice(from);
    const length = isDone ? fresh.length : completeLength(fresh);
    if (length <= 0) return "";
    this.#said.set(itemId, from + length);
    return toPlainText(fresh.slice(0, length));
  }

  /** Take an item as said: it was there before.
   * @param {string} itemId @param {string} text */
  skip(itemId, text) {
    this.#said.set(itemId, text.length);
  }
}

/** @param {string} text */
function completeLength(text) {
  const last = [...text.matchAll(END)].at(-1);
  return last ? last.index + last[0].length : 0;
}
