/**
 * Markdown that grows: only its unfinished end is read again with each piece. No DOM.
 * @import {Token} from "marked"
 */

import { BoundedLexer } from "./bounds.js";
import { complete, escapeHtml, growing } from "./dialect.js";
import { mend } from "./mend.js";

/** The last blocks may still change their kind: a line becomes a table, a list goes on. */
const UNSETTLED_BLOCKS = 2;

/** Reads a text that only grows, and tells which blocks are settled for good. */
export class GrowingMarkdown {
  #text = "";
  /** How much of the text is in settled blocks. */
  #settledLength = 0;
  /** @type {Token[]} */
  #settled = [];
  /** Footnotes by name, numbered as they are first met. @type {Map<string, number>} */
  #notes = new Map();

  /** Take the text so far.
   * @param {string} text
   * @returns {{restart: boolean, settled: Token[], tail: Token[]}} new settled blocks, and those that may change */
  grow(text) {
    const restart = !text.startsWith(this.#text);
    if (restart) this.#reset();
    this.#text = text;
    const tokens = lex(growing, text.slice(this.#settledLength));
    const settled = this.#numbered(tokens.slice(0, settledCount(tokens)));
    this.#settledLength += rawLength(settled);
    this.#settled.push(...settled);
    const notes = new Map(this.#notes);
    const tail = this.#numbered(lex(growing, mend(text.slice(this.#settledLength))));
    this.#notes = notes;
    return { restart, settled: withoutNotes(settled), tail: withoutNotes(tail) };
  }

  /** The text is complete: read it once as a whole, which alone knows every link definition and every footnote.
   * @param {string} text
   * @returns {{restart: boolean, settled: Token[], tail: Token[]}} */
  finish(text) {
    const tokens = withNotesLast(this.#numbered(lex(complete, text), true));
    const restart = !isSameStart(this.#settled, tokens);
    const known = restart ? 0 : this.#settled.length;
    this.#text = text;
    this.#settled = tokens;
    this.#settledLength = rawLength(tokens);
    return { restart, settled: tokens.slice(known), tail: [] };
  }

  #reset() {
    this.#settledLength = 0;
    this.#settled = [];
    this.#notes = new Map();
  }

  /** Give footnotes their numbers. In a complete text a reference without its note stays as it was written.
   * @param {Token[]} tokens @param {boolean} [isComplete] */
  #numbered(tokens, isComplete = false) {
    const known = new Set(
      tokens.flatMap((token) => (token.type === "note" && "id" in token ? [token.id] : [])),
    );
    complete.walkTokens(tokens, (token) => {
      if (token.type !== "note" && token.type !== "noteReference") return;
      const { id } = /** @type {{id: string}} */ (/** @type {unknown} */ (token));
      if (isComplete && !known.has(id)) return;
      if (!this.#notes.has(id)) this.#notes.set(id, this.#notes.size + 1);
      Object.assign(token, { number: this.#notes.get(id) });
    });
    return tokens;
  }
}

/** Turn blocks into HTML. It still has to pass the sanitiser.
 * @param {Token[]} tokens @returns {string} */
export function toHtml(tokens) {
  try {
    return growing.parser(tokens);
  } catch {
    return escapeHtml(tokens.map(({ raw }) => raw).join(""));
  }
}

/** Return the words of a Markdown text, as they are read out.
 * @param {string} text @returns {string} */
export function toPlainText(text) {
  return text
    .replace(/```[^\n]*\n?/g, "")
    .replace(/\[\^[^\][]*\]:?/g, "")
    .replace(/!?\[([^\][]*)\]\([^)]{0,2000}\)/g, "$1")
    .replace(/^\s{0,3}(?:#{1,6}|>|[-*+]|\d+[.)])\s+/gm, "")
    .replace(/^[|:\s-]+$/gm, "")
    .replace(/[*`~]+|\b_+|_+\b/g, "")
    .replace(/\|/g, " ")
    .replace(/[ \t]+/g, " ")
    .trim();
}

/** A text that overcomes its reader, by nesting without end, shows as it was written.
 * @param {typeof complete} reader @param {string} text @returns {Token[]} */
function lex(reader, text) {
  try {
    return new BoundedLexer(reader.defaults).lex(text);
  } catch {
    return [{ type: "html", raw: text, text, pre: false, block: true }];
  }
}

/** @param {Token[]} tokens */
function settledCount(tokens) {
  const solid = tokens.flatMap(({ type }, at) => (type === "space" ? [] : [at]));
  return solid.length > UNSETTLED_BLOCKS ? (solid.at(-UNSETTLED_BLOCKS) ?? 0) : 0;
}

/** @param {Token[]} tokens */
function rawLength(tokens) {
  return tokens.reduce((length, { raw }) => length + raw.length, 0);
}

/** While a text grows its notes wait: their place is under its last line.
 * @param {Token[]} tokens */
function withoutNotes(tokens) {
  return tokens.filter(({ type }) => type !== "note");
}

/** Notes stand under the text, in the order of their numbers.
 * @param {Token[]} tokens */
function withNotesLast(tokens) {
  const number = (/** @type {Token} */ token) => ("number" in token ? Number(token.number) : 0);
  const notes = tokens.filter(({ type }) => type === "note").toSorted((a, b) => number(a) - number(b));
  return notes.length ? [...withoutNotes(tokens), ...notes] : tokens;
}

/** Whether both start with the same blocks that show the same.
 * @param {Token[]} start @param {Token[]} whole */
function isSameStart(start, whole) {
  return start.every(({ type, raw }, at) => {
    const other = whole[at];
    return other?.type === type && other.raw === raw && !/\[[^\]]*\](?!\()/.test(raw);
  });
}
