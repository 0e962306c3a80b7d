/**
 * A long block in parts: the rows of a table, the items of a list and the lines of code that can't change any more are
 * taken off, and what follows is read as if it began there, behind a few lines that say what it belongs to. So the
 * thousandth row costs what the first one did. Fetched with the first long text. No DOM.
 * @import {Token, Tokens} from "marked"
 */

import { LONG, solidIn, UNSETTLED, unsettledFrom } from "./markdown.js";

/** In the place of what an item began with; it shows as nothing. */
const HELD = "<!---->";

/**
 * @typedef {object} Cut
 * @property {Token[]} tokens what stays as it is
 * @property {number} lines how many lines of the source that is
 * @property {string[]} context the lines that stand before the rest when it is read
 * @property {string[]} within the types of the blocks that go on, from the outer to the inner one
 * @property {number} [start] the number of a list's next item
 */

/** Cut off what is settled of these blocks, if one of the last is long.
 * @param {readonly Token[]} tokens @returns {Cut | null} */
export function cutLong(tokens) {
  for (const at of solidIn(tokens).slice(-UNSETTLED).toReversed()) {
    const token = tokens[at];
    const cut = token && token.raw.length > LONG ? cutOne(token) : null;
    const before = cut && cutWhole(tokens, at);
    if (before) return { ...cut, tokens: [...before.tokens, ...cut.tokens], lines: before.lines + cut.lines };
  }
  return null;
}

/** What is inside of a block is cut by whole blocks, if none of them is long.
 * @param {readonly Token[]} tokens @returns {Cut | null} */
function cutInside(tokens) {
  const from = unsettledFrom(tokens);
  return cutLong(tokens) ?? (from ? cutWhole(tokens, from) : null);
}

/** The first of these blocks, if they end with a line. @param {readonly Token[]} tokens @param {number} end
 * @returns {Cut | null} */
function cutWhole(tokens, end) {
  const before = tokens.slice(0, end);
  const raw = before.map((each) => each.raw).join("");
  return raw && !raw.endsWith("\n") ? null : { tokens: before, lines: linesIn(raw), context: [], within: [] };
}

/** @param {Token} token @returns {Cut | null} */
function cutOne(token) {
  switch (token.type) {
    case "table":
      return cutTable(/** @type {Tokens.Table} */ (token));
    case "list":
      return cutList(/** @type {Tokens.List} */ (token));
    case "blockquote":
      return cutQuote(/** @type {Tokens.Blockquote} */ (token));
    case "code":
      return cutCode(/** @type {Tokens.Code} */ (token));
    default:
      return null;
  }
}

/** @param {Tokens.Table} table @returns {Cut | null} */
function cutTable(table) {
  const rows = table.rows.slice(0, -UNSETTLED);
  const [header = "", line = ""] = table.raw.split("\n");
  if (!rows.length) return null;
  return { tokens: [{ ...table, rows }], lines: rows.length + 2, context: [header, line], within: ["table"] };
}

/** @param {Tokens.Code} code @returns {Cut | null} */
function cutCode(code) {
  const [fence = "", ...lines] = code.raw.split("\n");
  const settled = lines.slice(0, -UNSETTLED);
  if (code.codeBlockStyle === "indented" || !/^ {0,3}[`~]{3}/.test(fence) || !settled.length) return null;
  const text = code.text.split("\n").slice(0, settled.length).join("\n");
  const tokens = [{ ...code, text, isOpen: true }];
  return { tokens, lines: settled.length + 1, context: [fence], within: ["code"] };
}

/** @param {Tokens.List} list @returns {Cut | null} */
function cutList(list) {
  const { items } = list;
  const last = items.at(-1);
  const inside = last && last.raw.length > LONG ? cutItem(last) : null;
  const whole = items.slice(0, inside ? -1 : -UNSETTLED);
  if (!inside && !whole.length) return null;
  const part = /** @type {Tokens.ListItem[]} */ (inside?.tokens ?? []);
  return {
    tokens: [{ ...list, items: [...whole, ...part] }],
    lines: linesIn(whole.map(({ raw }) => raw).join("")) + (inside?.lines ?? 0),
    context: inside?.context ?? [],
    within: ["list", ...(inside?.within ?? [])],
    start: (Number(list.start) || 0) + whole.length,
  };
}

/** @param {Tokens.ListItem} item @returns {Cut | null} */
function cutItem(item) {
  const mark = /^\s*(?:[-*+]|\d{1,9}[.)])[ \t]+/.exec(item.raw)?.[0];
  const cut = mark && isLineByLine(item.raw, item.text) ? cutInside(item.tokens) : null;
  if (!mark || !cut) return null;
  const indent = " ".repeat(mark.length);
  const held = item.loose ? [HELD, ""] : [HELD];
  const context = [...held, ...cut.context].map((line, at) => (at ? indent : mark) + line);
  return { ...cut, tokens: [{ ...item, tokens: cut.tokens }], context };
}

/** @param {Tokens.Blockquote} quote @returns {Cut | null} */
function cutQuote(quote) {
  const inside = quote.tokens.map(({ raw }) => raw).join("");
  const cut = isLineByLine(quote.raw, inside) ? cutInside(quote.tokens) : null;
  if (!cut) return null;
  const context = cut.context.map((line) => `> ${line}`);
  return {
    ...cut,
    tokens: [{ ...quote, tokens: cut.tokens }],
    context,
    within: ["blockquote", ...cut.within],
  };
}

/** Mark the block that goes on with the one before, and what goes on inside of it; leave out what was only held.
 * @param {Token | undefined} token @param {Cut} cut */
export function goOn(token, { within: [type, ...inner], start }) {
  if (!token || token.type !== type) return;
  Object.assign(token, { isMore: true });
  const rest = { within: inner, tokens: [], lines: 0, context: [] };
  if (token.type === "blockquote") goOn(token.tokens?.[0], rest);
  if (token.type !== "list") return;
  const list = /** @type {Tokens.List} */ (token);
  if (list.ordered && start !== undefined) list.start = start;
  const [item] = list.items;
  if (item?.tokens[0]?.raw.trim() !== HELD) return;
  item.tokens = item.tokens.slice(1).filter(({ type }, at) => at || type !== "space");
  Object.assign(item, { isMore: true });
  goOn(item.tokens[0], rest);
}

/** @param {string} raw @param {string} text */
function isLineByLine(raw, text) {
  return raw.trim().split("\n").length === text.trim().split("\n").length;
}

/** @param {string} text */
function linesIn(text) {
  return text.split("\n").length - 1;
}
