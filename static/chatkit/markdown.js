/**
 * Markdown that grows: only its unfinished end is read again with each piece. No DOM.
 * @import {Token} from "marked"
 * @import {Cut} from "./parts.js"
 */

import { BoundedLexer } from "./bounds.js";
import { complete, escapeHtml, growing } from "./dialect.js";
import { mend } from "./mend.js";

/** A shorter block is read again as a whole. */
export const LONG = 1200;
/** The last blocks may still change their kind: a line becomes a table, a list goes on. */
export const UNSETTLED = 2;
/** A longer text is read in slices of this length. */
export const SLICE = 8000;
/** A link or a footnote that is defined somewhere in the text. */
const DEFINITION = /^ {0,3}\[(\^?[^\]\n]+)\]:[^\n]*$/gm;
/** A formula begins in a line of its own, and has no end yet: what follows may be in it. */
const FORMULA = /^ {0,3}(\$\$|\\\[)(?![\s\S]*(\$\$|\\\]))/m;
/** What may turn out to be a link when all definitions are known; and what was taken for one meanwhile. */
const REFERENCE = /\[[^\]^][^\]]*\](?!\()/;
const PENDING = /\]\[/;

/** How long blocks are cut; without it, as offline, a long one only costs more. @type {typeof import("./parts.js") | null} */
let parts = null;
/** @type {Promise<unknown> | null} */
let fetched = null;

/** Fetch what a long text needs; null when it is there, or the text is short.
 * @param {string} text @returns {Promise<unknown> | null} */
export function whatNeeds(text) {
  if (parts || text.length <= LONG) return null;
  fetched ??= import("./parts.js").then(
    (module) => {
      parts = module;
    },
    () => {
      fetched = null;
    },
  );
  return fetched;
}

/** Reads a text that only grows, and tells which blocks are settled for good. */
export class GrowingMarkdown {
  #text = "";
  /** How much of the text is in settled blocks. */
  #settledLength = 0;
  /** How the block goes on in whose middle that is. @type {Cut | null} */
  #cut = null;
  /** Of a text that is known as a whole: the names of its footnotes, if it isn't read at once. */
  #isWhole = false;
  /** @type {Set<string> | null} */
  #known = null;
  /** Links that are defined so far. @type {import("marked").Links} */
  #links = Object.create(null);
  /** Footnotes by name, numbered as they are first met. @type {Map<string, number>} */
  #notes = new Map();
  /** Their words: they stand under the last line. @type {Token[]} */
  #noted = [];
  /** Whether something settled may mean another thing once all of the text is known. */
  #mayRefer = false;
  #isPending = false;

  /** A reader of a complete text: each part is read in the knowledge of what is defined further down.
   * @param {string} text */
  static of(text) {
    const reader = new GrowingMarkdown();
    reader.#isWhole = true;
    if (text.length <= SLICE) return reader;
    const definitions = text.match(DEFINITION) ?? [];
    reader.#define(lex(complete, definitions.join("\n"), reader.#links));
    reader.#known = notesIn(text);
    return reader;
  }

  /** So much of the text has been taken. */
  get length() {
    return this.#text.length;
  }

  /** Take the text so far.
   * @param {string} text
   * @returns {{restart: boolean, settled: Token[], tail: Token[]}} new settled blocks, and those that may change */
  grow(text) {
    const restart = !this.#take(text);
    const settled = this.#settle();
    if (this.#isWhole) return { restart, settled, tail: [] };
    const notes = new Map(this.#notes);
    const tail = this.#read(mend(this.#rest));
    this.#notes = notes;
    return { restart, settled, tail: withoutNotes(tail) };
  }

  /** The text is complete. It is read again only where what it says further down changes what was read before.
   * @param {string} text
   * @returns {{restart: boolean, settled: Token[], tail: Token[]}} */
  finish(text) {
    if (this.mustReadAgain(text)) return { ...GrowingMarkdown.of(text).finish(text), restart: true };
    this.#take(text);
    const known = this.#isWhole || !this.#settledLength ? null : notesIn(text);
    this.#known ??= known;
    this.#isWhole = true;
    const tokens = this.#read(this.#rest);
    const notes = new Set([...this.#noted, ...notesOf(tokens)].map(idOf));
    // What looks like a note's words may be code, or in the middle of a paragraph.
    if (known && !isSame(known, notes)) return { ...GrowingMarkdown.of(text).finish(text), restart: true };
    this.#settledLength = text.length;
    this.#cut = null;
    const number = (/** @type {Token} */ token) => ("number" in token ? Number(token.number) : 0);
    const noted = [...this.#noted, ...notesOf(tokens)].toSorted((a, b) => number(a) - number(b));
    this.#noted = [];
    return { restart: false, settled: [...withoutNotes(tokens), ...noted], tail: [] };
  }

  /** Whether the complete text says something else than what was read of it.
   * @param {string} text */
  mustReadAgain(text) {
    if (!text.startsWith(this.#text)) return true;
    if (this.#isWhole || !this.#settledLength) return false;
    const known = notesIn(text);
    const isDefined = known.size < (text.match(DEFINITION)?.length ?? 0);
    return (
      this.#isPending || (this.#mayRefer && isDefined) || [...this.#notes.keys()].some((id) => !known.has(id))
    );
  }

  /** @param {string} text @returns {boolean} whether it is the same text, or more of it */
  #take(text) {
    const isMore = text.startsWith(this.#text);
    if (!isMore) {
      this.#settledLength = 0;
      this.#cut = null;
      this.#notes = new Map();
      this.#noted = [];
      this.#links = Object.create(null);
      this.#mayRefer = this.#isPending = false;
    }
    this.#text = text;
    return isMore;
  }

  /** What isn't settled, behind what it belongs to. */
  get #rest() {
    return this.#context + this.#text.slice(this.#settledLength);
  }

  get #context() {
    return this.#cut?.context.map((line) => `${line}\n`).join("") ?? "";
  }

  /** @returns {Token[]} blocks that can't change any more */
  #settle() {
    const rest = this.#rest;
    const tokens = beforeFormula(this.#lex(rest));
    const cut = parts?.cutLong(tokens) ?? null;
    const settled = cut ? cut.tokens : tokens.slice(0, unsettledFrom(tokens));
    const length = (cut ? lengthOf(rest, cut.lines) : rawLength(settled)) - this.#context.length;
    if (length <= 0) return [];
    const raw = this.#text.slice(this.#settledLength, this.#settledLength + length);
    this.#mayRefer ||= REFERENCE.test(raw);
    this.#isPending ||= PENDING.test(raw);
    this.#settledLength += length;
    this.#noted.push(...notesOf(this.#numbered(this.#goOn(settled))));
    this.#define(settled);
    this.#cut = cut;
    return withoutNotes(settled);
  }

  /** Keep where links lead that are named here. @param {Token[]} tokens */
  #define(tokens) {
    complete.walkTokens(tokens, (token) => {
      if (token.type === "def") this.#links[token.tag] ??= { href: token.href, title: token.title };
    });
  }

  /** @param {string} text */
  #lex(text) {
    return lex(this.#isWhole ? complete : growing, text, this.#links);
  }

  /** @param {string} text */
  #read(text) {
    return this.#numbered(this.#goOn(this.#lex(text)));
  }

  /** @param {Token[]} tokens those that stand where the last ones were cut off */
  #goOn(tokens) {
    if (this.#cut) parts?.goOn(tokens[0], this.#cut);
    return tokens;
  }

  /** Give footnotes their numbers. In a complete text a reference without its note stays as it was written.
   * @param {Token[]} tokens */
  #numbered(tokens) {
    const known = this.#known ?? new Set(notesOf(tokens).map(idOf));
    complete.walkTokens(tokens, (token) => {
      if (token.type !== "note" && token.type !== "noteReference") return;
      const { id } = /** @type {{id: string}} */ (/** @type {unknown} */ (token));
      if (this.#isWhole && !known.has(id)) return;
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
 * @param {typeof complete} reader @param {string} text @param {import("marked").Links} links @returns {Token[]} */
function lex(reader, text, links) {
  try {
    const lexer = new BoundedLexer(reader.defaults);
    lexer.tokens.links = Object.assign(Object.create(null), links);
    return lexer.lex(text);
  } catch {
    return [{ type: "html", raw: text, text, pre: false, block: true }];
  }
}

/** @param {Token[]} tokens */
function beforeFormula(tokens) {
  const at = tokens.findIndex(({ type, raw }) => type === "paragraph" && FORMULA.test(raw));
  return at < 0 || rawLength(tokens.slice(at)) > LONG ? tokens : tokens.slice(0, at);
}

/** Where the last blocks begin.
 * @param {readonly Token[]} tokens @returns {number} */
export function unsettledFrom(tokens) {
  const solid = solidIn(tokens);
  return solid.length > UNSETTLED ? (solid.at(-UNSETTLED) ?? 0) : 0;
}

/** @param {readonly Token[]} tokens */
export function solidIn(tokens) {
  return tokens.flatMap(({ type }, at) => (type === "space" ? [] : [at]));
}

/** How long the first lines are. @param {string} text @param {number} lines */
function lengthOf(text, lines) {
  let end = 0;
  for (let line = 0; line < lines; line += 1) end = text.indexOf("\n", end) + 1 || text.length;
  return end;
}

/** @param {Token[]} tokens */
function rawLength(tokens) {
  return tokens.reduce((length, { raw }) => length + raw.length, 0);
}

/** @param {string} text @returns {Set<string>} */
function notesIn(text) {
  return new Set(
    [...text.matchAll(DEFINITION)].flatMap(([, id = ""]) => (id[0] === "^" ? [id.slice(1)] : [])),
  );
}

/** @param {Token} token of a footnote @returns {string} */
const idOf = (token) => ("id" in token ? String(token.id) : "");

/** @param {Set<string>} one @param {Set<string>} other */
function isSame(one, other) {
  return one.size === other.size && [...one].every((each) => other.has(each));
}

/** @param {Token[]} tokens */
function notesOf(tokens) {
  return tokens.filter(({ type }) => type === "note");
}

/** @param {Token[]} tokens */
function withoutNotes(tokens) {
  return tokens.filter(({ type }) => type !== "note");
}
