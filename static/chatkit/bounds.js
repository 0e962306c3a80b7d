/**
 * A reader of Markdown that no text keeps busy. What it looks for costs the square of a run of text, so a long run is read
 * in pieces; one that is all marks, or nested without end, is nobody's writing and shows as it came. No DOM.
 * @import {Token, TokensList} from "marked"
 */

import { Lexer } from "marked";

/** So much of a paragraph is read at once; what is emphasised across its end isn't seen as that. */
const LONGEST_RUN = 3000;
/** Of a long run, so many in a hundred may be marks. */
const MOST_MARKS = 25;
/** No deeper than anybody reads. */
const DEEPEST = 30;

export class BoundedLexer extends Lexer {
  #depth = 0;

  /** @override @param {string} text @param {Token[]} [tokens] @param {boolean} [isCut] @returns {TokensList} */
  blockTokens(text, tokens = [], isCut = false) {
    return /** @type {TokensList} */ (
      this.#within(text, tokens, () => super.blockTokens(text, tokens, isCut))
    );
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

/** A long text in pieces that end with a line, a sentence or a word where they can.
 * @param {string} text @returns {string[]} */
export function runsOf(text) {
  const runs = [];
  let from = 0;
  while (text.length - from > LONGEST_RUN) {
    const run = text.slice(from, from + LONGEST_RUN);
    const end = [run.lastIndexOf("\n"), run.lastIndexOf(". ") + 1, run.lastIndexOf(" ")].find(
      (at) => at > LONGEST_RUN / 2,
    );
    runs.push(run.slice(0, (end ?? LONGEST_RUN - 1) + 1));
    from += runs.at(-1)?.length ?? LONGEST_RUN;
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
