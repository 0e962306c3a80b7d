/**
 * What a screen reader is told of a reply that streams: whole sentences, each once. No DOM.
 * @import {Strings} from "./locales/en.js"
 * @import {ThreadState} from "./thread.js"
 * @import {Item} from "./types.js"
 */

import { toPlainText } from "./markdown.js";
import { presenceOf, textOf } from "./thread.js";

const KEPT_SENTENCES = 12;

/** Where a sentence or a line ends, with the space after it. Only the end is looked for: the words may be many. */
const END = /(?:[.!?…؟]["'”’)\]]*(?=\s)|[。！？]["'”’)\]）」』]*|\n)\s*/g;

export class Announcer {
  /** The newest last. @type {readonly {key: number, text: string}[]} */
  said = [];
  #count = 0;
  #sentences = new Sentences();
  #strings;
  #changed;

  /** @param {() => Strings} strings @param {() => void} changed */
  constructor(strings, changed) {
    this.#strings = strings;
    this.#changed = changed;
  }

  /** Something has changed in an item.
   * @param {string} itemId @param {ThreadState} state */
  follow(itemId, { items, drafts }) {
    const item = items.find(({ id }) => id === itemId);
    if (item?.type !== "assistant_message") return;
    const presence = presenceOf(item);
    if (!presence) return this.say(this.#sentences.next(itemId, textOf(item), !drafts.has(itemId)));
    this.say(presenceWords(presence, this.#strings()));
  }

  /** What was there before is read, not announced.
   * @param {readonly Item[]} items */
  skip(items) {
    for (const item of items) this.#sentences.skip(item.id, textOf(item));
  }

  /** @param {string} text */
  say(text) {
    if (!text) return;
    this.#count += 1;
    this.said = [...this.said.slice(1 - KEPT_SENTENCES), { key: this.#count, text }];
    this.#changed();
  }
}

/** Say who was asked for, came or went; somebody who answers without a word of it has come.
 * @param {{name: string, event: string} | null} presence @param {Strings} strings */
export function presenceWords(presence, strings) {
  const { name = "", event = "" } = presence ?? {};
  if (event === "asked") return strings.asked;
  return (event === "left" ? strings.left : strings.joined)(name || strings.staff);
}

/** Marks that may follow the end of a sentence, before the space that shows it to be one. */
const CLOSING = 20;

export class Sentences {
  /** How much of each item was said. @type {Map<string, number>} */
  #said = new Map();
  /** How much of the item that grows was looked through, so that a long line isn't with each piece. */
  #looked = { itemId: "", length: 0 };

  /** Return what is new and complete; with `isDone` all that is left.
   * @param {string} itemId @param {string} text @param {boolean} isDone @returns {string} */
  next(itemId, text, isDone) {
    const from = this.#said.get(itemId) ?? 0;
    const to = isDone ? text.length : this.#endIn(itemId, text, from);
    if (to <= from) return "";
    this.#said.set(itemId, to);
    return toPlainText(text.slice(from, to));
  }

  /** Where the last complete sentence ends. @param {string} itemId @param {string} text @param {number} from */
  #endIn(itemId, text, from) {
    const looked = itemId === this.#looked.itemId ? this.#looked.length - CLOSING : 0;
    const start = Math.max(from, Math.min(looked, text.length));
    this.#looked = { itemId, length: text.length };
    const last = [...text.slice(start).matchAll(END)].at(-1);
    return last ? start + last.index + last[0].length : 0;
  }

  /** Take an item as said: it was there before.
   * @param {string} itemId @param {string} text */
  skip(itemId, text) {
    this.#said.set(itemId, text.length);
  }
}
