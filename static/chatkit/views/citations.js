/**
 * Numbers in the text that name a source. They travel through Markdown as marks that no text has, and become
 * links once the text is DOM: so an annotation can't bring markup with it.
 * @import {Content, Source} from "../types.js"
 */

import { annotationsOf, isWebAddress, keyOf, nameOf } from "./sources.js";

/** Of Unicode's private characters, with a space before, which ends a link's address and closes emphasis. */
const OPEN = "\uE2C1";
const CLOSE = "\uE2C2";
const MARK = new RegExp(`${OPEN}(\\d+)${CLOSE}`, "u");
const NARROW_SPACE = "\u202F";

/** Put the marks of a part's annotations into its text.
 * @param {Content} part @param {readonly Source[]} sources all of the message's @returns {string} */
export function withCitations(part, sources) {
  const text = (part.text ?? "").replaceAll(OPEN, "").replaceAll(CLOSE, "");
  const numbers = new Map(sources.map((source, at) => [keyOf(source), at + 1]));
  const placed = annotationsOf(part)
    .flatMap(({ index, source }) => (typeof index === "number" ? [{ at: index, source }] : []))
    .filter(({ at }) => at > 0 && at <= text.length)
    .sort((one, other) => one.at - other.at);
  let marked = "";
  let taken = 0;
  for (const { at, source } of placed) {
    const end = Math.max(taken, afterRun(text, at));
    marked += `${text.slice(taken, end)}${NARROW_SPACE}${OPEN}${numbers.get(keyOf(source))}${CLOSE}`;
    taken = end;
  }
  return marked + text.slice(taken);
}

/** A mark between the two stars of `**` would undo them. @param {string} text @param {number} at */
function afterRun(text, at) {
  let end = at;
  while (text[end] === text[end - 1] && "*_~`".includes(text[end] ?? " ")) end += 1;
  return end;
}

/** Turn the marks that came through Markdown into numbers.
 * @param {ParentNode} blocks @param {readonly Source[]} sources */
export function drawCitations(blocks, sources) {
  const texts = document.createTreeWalker(blocks, NodeFilter.SHOW_TEXT);
  /** @type {Text[]} */
  const found = [];
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    if (node instanceof Text && node.data.includes(OPEN)) found.push(node);
  }
  for (const text of found) drawMarks(text, sources);
}

/** @param {Text} text @param {readonly Source[]} sources */
function drawMarks(text, sources) {
  const isPlain = !text.parentElement?.closest("pre, code, a");
  let rest = text;
  for (let hit = MARK.exec(rest.data); hit; hit = MARK.exec(rest.data)) {
    rest = rest.splitText(hit.index);
    rest.data = rest.data.slice(hit[0].length);
    const source = sources[Number(hit[1]) - 1];
    if (source && isPlain) rest.before(citation(source, hit[1] ?? ""));
  }
}

/** @param {Source} source @param {string} number */
function citation(source, number) {
  const { url } = source;
  const mark = document.createElement(isWebAddress(url) ? "a" : "span");
  mark.className = "cite cite--inline";
  mark.textContent = number;
  mark.title = nameOf(source);
  if (mark instanceof HTMLAnchorElement && isWebAddress(url)) {
    mark.href = url;
    mark.target = "_blank";
    mark.rel = "noopener noreferrer";
    mark.setAttribute("aria-label", `${number} ${nameOf(source)}`);
  }
  return mark;
}
