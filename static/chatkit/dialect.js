/**
 * The Markdown that is read: GFM, with mathematics and footnotes. HTML shows as text; a picture is a link until the
 * door to the page knows that it may be fetched. No DOM.
 * @import {MarkedExtension, TokenizerAndRendererExtension} from "marked"
 */

import { Marked, Renderer } from "marked";

/** `$x$` unless it reads like money: no space inside its marks, no digit after it. */
const INLINE_DOLLARS = /^\$(?!\s|\$)((?:\\[\s\S]|[^\\$\n]){1,500}?)(?<!\s)\$(?![\d$])/;
const INLINE_PARENS = /^\\\(([\s\S]{1,1000}?)\\\)/;
const BLOCK = /^ {0,3}(?:\$\$([\s\S]{1,4000}?)\$\$|\\\[([\s\S]{1,4000}?)\\\])[ \t]*(?:\n|$)/;
/** In a later line. Only a whole one ends the paragraph before it: each end makes the reader look through the rest. */
const NEXT_BLOCK = new RegExp(`\n${BLOCK.source.slice(1)}`);
const INNER_BLOCK = /^(?:\$\$([^$]{1,4000})\$\$|\\\[([\s\S]{1,4000}?)\\\])/;
/** A sum of money and words after it, up to the next sum. */
const MONEY = /^\d[\d.,]*\s+[^\\^_=+*/{}<>]*$/;

const NOTE = /^ {0,3}\[\^([^\]\s]+)\]:[ \t]*((?:[^\n]*(?:\n(?! {0,3}\[\^)(?: {2,}|\t)[^\n]+)*))(?:\n+|$)/;
const NEXT_NOTE = /\n {0,3}\[\^[^\]\s]+\]:/;
const NOTE_REFERENCE = /^\[\^([^\]\s]+)\](?!:)/;
const PENDING_LINK = /^\[((?:[^[\]\\]|\\.){1,500})\]\[[^\]]{0,200}\]/;

/** @param {string} formula @param {boolean} isBlock */
function mathHtml(formula, isBlock) {
  const tag = isBlock ? "div" : "span";
  return `<${tag} class="math">${escapeHtml(formula.trim())}</${tag}>`;
}

/** @type {TokenizerAndRendererExtension} */
const mathBlock = {
  name: "mathBlock",
  level: "block",
  start: (text) => (text.includes("$$") || text.includes("\\[") ? NEXT_BLOCK.exec(text)?.index : undefined),
  tokenizer(text) {
    const match = BLOCK.exec(text);
    return match ? { type: "mathBlock", raw: match[0], text: match[1] ?? match[2] } : undefined;
  },
  renderer: ({ text }) => `${mathHtml(text, true)}\n`,
};

/** @type {TokenizerAndRendererExtension} */
const math = {
  name: "math",
  level: "inline",
  // A backslash and a bracket end plain text anyway; asked for each piece of it, a search has to be quick.
  start: (text) => text.indexOf("$"),
  tokenizer(text) {
    const block = INNER_BLOCK.exec(text);
    if (block) return { type: "math", raw: block[0], text: block[1] ?? block[2], isBlock: true };
    const match = INLINE_PARENS.exec(text) ?? INLINE_DOLLARS.exec(text);
    if (!match || MONEY.test(match[1] ?? "")) return undefined;
    return { type: "math", raw: match[0], text: match[1], isBlock: false };
  },
  renderer: ({ text, isBlock }) => mathHtml(text, isBlock),
};

/** @type {TokenizerAndRendererExtension} */
const note = {
  name: "note",
  level: "block",
  start: (text) => (text.includes("]:") ? NEXT_NOTE.exec(text)?.index : undefined),
  tokenizer(text) {
    const match = NOTE.exec(text);
    if (!match) return undefined;
    const [raw, id, words = ""] = match;
    return { type: "note", raw, id, tokens: this.lexer.inlineTokens(words.replace(/\n\s+/g, " ")) };
  },
  renderer({ number, tokens = [] }) {
    return `<p class="note"><sup>${number ?? ""}</sup> ${this.parser.parseInline(tokens)}</p>\n`;
  },
};

/** @type {TokenizerAndRendererExtension} */
const noteReference = {
  name: "noteReference",
  level: "inline",
  tokenizer(text) {
    const match = NOTE_REFERENCE.exec(text);
    return match ? { type: "noteReference", raw: match[0], id: match[1] } : undefined;
  },
  renderer: ({ number, raw }) => (number ? `<sup class="noteref">${number}</sup>` : escapeHtml(raw)),
};

/** A link whose address may still come, at the end of the text: so far it is its words.
 * @type {TokenizerAndRendererExtension} */
const pendingLink = {
  name: "pendingLink",
  level: "inline",
  tokenizer(text) {
    const match = PENDING_LINK.exec(text);
    if (!match) return undefined;
    return { type: "pendingLink", raw: match[0], tokens: this.lexer.inlineTokens(match[1] ?? "") };
  },
  renderer({ tokens = [] }) {
    return this.parser.parseInline(tokens);
  },
};

/** As ever; what goes on with the block before it says so, and code that isn't at its end.
 * @param {"blockquote" | "code" | "list" | "listitem" | "table"} name @returns {(this: Renderer, token: object) => string} */
function parted(name) {
  return function (token) {
    const { isMore, isOpen } = /** @type {{isMore?: boolean, isOpen?: boolean}} */ (token);
    const html = Renderer.prototype[name].call(this, /** @type {never} */ (token));
    const kind = `${isMore ? "more" : ""}${isOpen ? " open" : ""}`;
    return kind ? html.replace(/^<\w+/, `$& class="${kind}"`) : html;
  };
}

/** @type {MarkedExtension} */
const dialect = {
  gfm: true,
  breaks: true,
  renderer: {
    blockquote: parted("blockquote"),
    code: parted("code"),
    list: parted("list"),
    table: parted("table"),
    html: ({ text }) => escapeHtml(text),
    heading({ tokens, depth }) {
      const level = Math.min(depth + 2, 6);
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`;
    },
    image: ({ href, text }) => `<a class="image" href="${escapeHtml(href)}">${escapeHtml(text || href)}</a>`,
    listitem(item) {
      return item.task
        ? `<li class="task">${this.parser.parse(item.tokens)}</li>\n`
        : parted("listitem").call(this, item);
    },
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
};

/** For a text that is complete, and for one that still grows. */
export const complete = new Marked(dialect, { extensions: [mathBlock, math, note, noteReference] });
export const growing = new Marked(dialect, {
  extensions: [mathBlock, math, note, noteReference, pendingLink],
});

/** @param {string} text */
export function escapeHtml(text) {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
