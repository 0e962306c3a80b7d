/**
 * A reader of Markdown that no text keeps busy. What it looks for costs the square of a run of text, so a long run is read
 * in pieces; one that is all marks, or nested without end, is nobody's writing and shows as it came. What the browser lays
 * out grows with a block, so a paragraph without end is several. No DOM.
 * @import {Token, Tokens, TokensList} from "marked"
 */

import { Lexer } from "marked";

/** So much of a paragraph is read at once; what is emphasised across its end isn't seen as that. */
const LONGEST_RUN = 3000;
/** A longer paragraph is parted. */
const LONGEST_PARAGRAPH = 6000;
/** Of a long run, so many in a hundred may be marks. */
const MOST_MARKS = 25;
/** No deeper than anybody reads. */
const DEEPEST = 30;

export class BoundedLexer extends Lexer {
  #depth = 0;

  /** @override @param {string} text @param {Token[]} [tokens] @param {boolean} [isCut] @returns {TokensList} */
  blockTokens(text, tokens = [], isCut = false) {
    this.#within(text, tokens, () => super.blockTokens(text, tokens, isCut));
    for (let at = tokens.length - 1; at >= 0; at -= 1) {
      const token = /** @type {Tokens.Paragraph} */ (tokens[at]);
      if (token.type === "paragraph" && token.raw.length > LONGEST_PARAGRAPH)
        tokens.splice(at, 1, ...this.#parted(token));
    }
    return /** @type {TokensList} */ (tokens);
  }

  /** A paragraph that is too long, as several. @param {Tokens.Paragraph} paragraph @returns {Token[]} */
  #parted({ raw, tokens }) {
    const at = this.inlineQueue.findIndex((waiting) => waiting.tokens === tokens);
    this.inlineQueue.splice(at, 1);
    return runsOf(raw, LONGEST_PARAGRAPH).map((run) => {
      const text = run.replace(/\n$/, "");
      return { type: "paragraph", raw: run, text, tokens: this.inline(text) };
    });
  }

  /** @override @param {string} text @param {Token[]} [tokens] @returns {Token[]} */
  inlineTokens(text, tokens = []) {
    for (const run of runsOf(text)) {
      if (run.length === text.length || !isAllMarks(run))
        this.#within(run, tokens, () => super.inlineTokens(run, tokens));
      else tokens.push(asWritten(run));
    }
    return tokens;
  }

  /** @param {string} text @param {Token[]} tokens @param {() => Token[]} read */
  #within(text, tokens, read) {
    if (this.#depth > DEEPEST) {
      tokens.push(asWritten(text));
      return tokens;
    }
    this.#depth += 1;
    try {
      return read();
    } finally {
      this.#depth -= 1;
    }
  }
}

/** A long text in pieces that end with a line, a sentence or a word where they can, so that the next one can't begin
 * with the mark of a block.
 * @param {string} text @param {number} [longest] @returns {string[]} */
export function runsOf(text, longest = LONGEST_RUN) {
  const runs = [];
  let from = 0;
  while (text.length - from > longest) {
    const run = text.slice(from, from + longest);
    const end = [/^[\s\S]*\n/, /^[\s\S]*\. (?=\p{L})/u, /^[\s\S]* (?=\p{L})/u]
      .map((upTo) => upTo.exec(run)?.[0].length ?? 0)
      .find((length) => length > longest / 2);
    // Half a letter is none.
    const isWhole = !/[\ud800-\udbff]$/.test(run);
    runs.push(run.slice(0, end ?? (isWhole ? longest : longest - 1)));
    from += runs.at(-1)?.length ?? longest;
  }
  runs.push(text.slice(from));
  return runs;
}

/** @param {string} run */
function isAllMarks(run) {
  return (run.match(/[*_~`[\]<>$!\\()|]/g)?.length ?? 0) * 100 > run.length * MOST_MARKS;
}

/** @param {string} text @returns {Token} */
function asWritten(text) {
  return { type: "text", raw: text, text, escaped: false };
}
