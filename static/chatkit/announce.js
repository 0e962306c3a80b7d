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
    const { joined, left, staff } = this.#strings();
    this.say((presence.event === "joined" ? joined : left)(presence.name || staff));
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
