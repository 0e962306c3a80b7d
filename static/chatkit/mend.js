/**
 * The unfinished end of a Markdown text, made whole for the moment: what is open is closed, and what can't be told yet is
 * held back. So no marker shows before it means something, and no line turns into another kind of block. No DOM.
 */

import { runsOf } from "./bounds.js";

const FENCE = /^ {0,3}(`{3,}|~{3,})([^\n]*)$/;
/** A line that is so far nothing but the mark of a block, or may become one. */
const ONLY_A_MARK =
  /^(?:\s*(?:>\s*)*)(?:#{1,6}|[-*+]|\d{1,9}[.)]?|[-=_*]{2,}|`{1,2}|~{1,2}|[-*+]\s+\[[ xX]?\]?|\s*>|\[\^?[^\]\n]*(?:\]:?[^\n]*)?)?\s*$/;
const BLOCK_START = /^\s*(?:#{1,6}\s|[-*+]\s|\d{1,9}[.)]\s|>|\||\[\^[^\]]+\]:)/;
/** The first line of a table, as far as can be told: cells without a line of dashes under them yet. */
const TABLE_LINE = /^(?:\s*\||[^`|\n]{1,80}[^`|\\\n]\|)[^\n]{0,200}$/;
const DELIMITERS = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
const PART_OF_DELIMITERS = /^\s*\|?[\s|:-]*$/;
/** Words in a row: a dollar before them was a dollar. */
const PROSE = /\p{L}{3,}\s+\p{L}{3,}\s+\p{L}{2,}/u;
const HELD_MATH = 400;
/** More marks than this inside each other are no emphasis, and would be a burden to read. */
const DEEPEST = 8;

/** Return the end of a text as it can be shown now.
 * @param {string} text @returns {string} */
export function mend(text) {
  const open = openFence(text);
  if (open) return withoutPartOfFence(text, open);
  const lines = text.split("\n");
  const shown = holdBackBlock(lines);
  const from = inlineStart(shown);
  const head = shown.slice(0, from).join("\n");
  const runs = runsOf(shown.slice(from).join("\n"));
  const last = runs.pop() ?? "";
  const inline = runs.join("") + mendInline(last);
  return head && from > 0 ? `${head}\n${inline}` : inline;
}

/** The fence of the code block in which the text ends.
 * @param {string} text @returns {string} */
function openFence(text) {
  let open = "";
  for (const line of text.split("\n")) {
    const [, fence = "", info = ""] = FENCE.exec(line) ?? [];
    if (!fence) continue;
    if (!open) open = fence;
    else if (fence.startsWith(open) && !info.trim()) open = "";
  }
  return open;
}

/** @param {string} text @param {string} fence */
function withoutPartOfFence(text, fence) {
  const mark = fence[0] ?? "`";
  const at = text.lastIndexOf("\n");
  const last = text.slice(at + 1);
  const isPart = last.trim() !== "" && [...last.trim()].every((letter) => letter === mark);
  return at >= 0 && isPart ? text.slice(0, at) : text;
}

/** Leave out a last line, or a table's first lines, of which it can't be told what they become.
 * @param {string[]} lines @returns {string[]} */
function holdBackBlock(lines) {
  const formula = openBlockMath(lines);
  if (formula >= 0) return lines.slice(0, formula);
  const table = unfinishedTable(lines);
  if (table >= 0) return lines.slice(0, table);
  const last = lines.at(-1) ?? "";
  return last.trim() && ONLY_A_MARK.test(last) && !isInTable(lines) ? lines.slice(0, -1) : lines;
}

/** @param {string[]} lines */
function isInTable(lines) {
  const first = lines.findLastIndex((line) => !line.trim()) + 1;
  return (
    lines.length - first > 2 && DELIMITERS.test(lines[first + 1] ?? "") && (lines[first] ?? "").includes("|")
  );
}

/** Where a formula of its own lines begins that has no end yet, or -1.
 * @param {string[]} lines */
function openBlockMath(lines) {
  let from = -1;
  let end = "";
  for (const [at, line] of lines.entries()) {
    const begin = from < 0 ? /^\s*(\$\$|\\\[)/.exec(line) : null;
    if (begin) {
      from = at;
      end = begin[1] === "$$" ? "$$" : "\\]";
    }
    const rest = begin ? line.slice(begin[0].length) : line;
    const isCut = !line.trim() && at < lines.length - 1;
    if (from >= 0 && (rest.includes(end) || isCut)) from = -1;
  }
  return from;
}

/** Where a table begins whose second line isn't complete, or -1.
 * @param {string[]} lines */
function unfinishedTable(lines) {
  const at = lines.length - 1;
  const last = lines[at] ?? "";
  const before = lines[at - 1] ?? "";
  const startsAt = (/** @type {number} */ row) => row === 0 || !(lines[row - 1] ?? "").includes("|");
  if (TABLE_LINE.test(last) && startsAt(at)) return at;
  const isSecond = before.includes("|") && startsAt(at - 1);
  return isSecond && PART_OF_DELIMITERS.test(last) ? at - 1 : -1;
}

/** The line in which the last run of inline text begins.
 * @param {string[]} lines */
function inlineStart(lines) {
  let at = lines.length - 1;
  while (at > 0 && !BLOCK_START.test(lines[at] ?? "") && (lines[at - 1] ?? "").trim()) at -= 1;
  return Math.max(at, 0);
}

/** @param {string} text */
function mendInline(text) {
  const held = text.replace(/(?:(?<!\\)[*_~]+|(?<!\\)\\|&[#\w]{0,10}|!)$/, "");
  /** @type {string[]} */
  const open = [];
  let at = 0;
  while (at < held.length) {
    const step = stepAt(held, at, open);
    if (typeof step === "string") return closed(step, open);
    at = step;
  }
  return closed(held, open);
}

/** Go on behind what begins here; or, where it has no end, return the text as far as it can be shown.
 * @param {string} text @param {number} at @param {string[]} open @returns {number | string} */
function stepAt(text, at, open) {
  const mark = text[at] ?? "";
  if (mark === "\\") return /^\\[([]/.test(text.slice(at)) ? formulaAt(text, at) : at + 2;
  if (mark === "`") return codeAt(text, at);
  if (mark === "$") return formulaAt(text, at);
  if (mark === "[") return linkAt(text, at);
  if (mark === "<") return /^<(?:[a-z/][^>\s]*)?$/i.test(text.slice(at)) ? text.slice(0, at) : at + 1;
  return "*_~".includes(mark) ? emphasisAt(text, at, open) : at + 1;
}

/** @param {string} text @param {number} at */
function codeAt(text, at) {
  const run = /^`+/.exec(text.slice(at))?.[0] ?? "`";
  const from = at + run.length;
  const end = new RegExp(`(?<!\`)${run}(?!\`)`).exec(text.slice(from));
  if (end) return from + end.index + run.length;
  const inside = text.slice(from).replace(/`+$/, "");
  return inside.trim() ? text.slice(0, from) + inside + run : text.slice(0, at);
}

/** @param {string} text @param {number} at */
function formulaAt(text, at) {
  const rest = text.slice(at);
  const whole =
    /^(?:\$\$[^$]{1,4000}\$\$|\$(?!\s)(?:\\.|[^\\$\n]){1,500}?(?<!\s)\$(?!\d)|\\\([\s\S]{1,1000}?\\\)|\\\[[\s\S]{1,4000}?\\\])/.exec(
      rest,
    );
  if (whole) return at + whole[0].length;
  const mayCome =
    /^(?:\\[([]|\$\$?(?![\s\d$])|\$\$?$)/.test(rest) && rest.length < HELD_MATH && !PROSE.test(rest);
  const isNumber = /^\$\d/.test(rest) && /[\\^_={}]/.test(rest) && !/\s\p{L}{2,}/u.test(rest);
  return mayCome || isNumber ? text.slice(0, at) : at + 1;
}

/** @param {string} text @param {number} at */
function linkAt(text, at) {
  const isImage = text[at - 1] === "!";
  const before = text.slice(0, isImage ? at - 1 : at);
  const rest = text.slice(at);
  const label = /^\[((?:\\.|\[[^\]]*\]|[^[\]\\])*)\]/.exec(rest);
  if (!label)
    return rest.startsWith("[^") || isImage
      ? before
      : before + mendInline(rest.slice(1).replace(/!?\[[\s\S]*$/, ""));
  const [whole, words = ""] = label;
  if (words.startsWith("^")) return at + whole.length;
  const after = rest.slice(whole.length);
  const isHalf =
    after === "" || /^\((?:[^()\s]|\([^()]*\)?)*(?:\s+"?[^")]*"?)?$/.test(after) || /^\[[^\]]*$/.test(after);
  if (isHalf) return isImage ? before : before + mendInline(words);
  return at + whole.length + (/^\([^)]*\)|^\[[^\]]*\]/.exec(after)?.[0].length ?? 0);
}

/** @param {string} text @param {number} at @param {string[]} open */
function emphasisAt(text, at, open) {
  const run = /^(?:\*+|_+|~+)/.exec(text.slice(at))?.[0] ?? "";
  const before = text[at - 1] ?? " ";
  const after = text[at + run.length] ?? " ";
  const next = at + run.length;
  if (run[0] === "~" && run.length !== 2) return next;
  const isInWord = /[\p{L}\p{N}]/u.test(before) && /[\p{L}\p{N}]/u.test(after);
  const known = open.lastIndexOf(run);
  if (known >= 0 && !/\s/.test(before)) open.length = known;
  else if (!/\s/.test(after) && !(isInWord && (run[0] === "_" || run.length < 2))) open.push(run);
  return next;
}

/** Close what is open; a mark with nothing behind it yet is left out.
 * @param {string} text @param {string[]} open */
function closed(text, open) {
  if (!open.length || open.length > DEEPEST) return text;
  const shown = text.trimEnd();
  const last = open.at(-1) ?? "";
  if (shown.endsWith(last)) return closed(shown.slice(0, -last.length), open.slice(0, -1));
  return shown + open.toReversed().join("");
}
