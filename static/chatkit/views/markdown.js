/**
 * A message's text as DOM: settled blocks stay, the unfinished end is drawn again, a caret follows it.
 * @import {Strings} from "../locales/en.js"
 * @import {ElementPart} from "lit/directive.js"
 * @import {Token} from "marked"
 */

import DOMPurify from "dompurify";
import { Directive, directive, PartType } from "lit/directive.js";
import { html, noChange, render } from "lit/html.js";
import { icon } from "../icons.js";
import { GrowingMarkdown, toHtml } from "../markdown.js";
import { copyText } from "./copy.js";
import { highlight } from "./highlight.js";

const ALLOWED = {
  ALLOWED_TAGS:
    "a b blockquote br code del em h3 h4 h5 h6 hr i li ol p pre s strong sub sup table tbody td th thead tr ul".split(
      " ",
    ),
  ALLOWED_ATTR: ["href", "title", "start", "align", "class"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:|chatkit-link:)/i,
  // The pattern is for addresses; without this it would be asked of these too.
  ADD_URI_SAFE_ATTR: ["align", "start"],
  RETURN_DOM_FRAGMENT: /** @type {const} */ (true),
};

class MarkdownDirective extends Directive {
  /** @type {MarkdownBody | undefined} */
  #body;

  /** @param {import("lit/directive.js").PartInfo} part */
  constructor(part) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("markdown() belongs on an element");
  }

  /** @param {string} _text @param {boolean} _isDraft @param {Strings} _strings @returns {unknown} */
  render(_text, _isDraft, _strings) {
    return noChange;
  }

  /** @override @param {ElementPart} part @param {[string, boolean, Strings]} values */
  update(part, [text, isDraft, strings]) {
    this.#body ??= new MarkdownBody(part.element, strings);
    this.#body.show(text, isDraft);
    return noChange;
  }
}

/** Keeps an element's content at a text that grows. */
export const markdown = directive(MarkdownDirective);

class MarkdownBody {
  #element;
  #strings;
  #reader = new GrowingMarkdown();
  /** @type {ChildNode[]} */
  #tail = [];
  #shown = "";
  #isDraft = true;

  /** @param {Element} element @param {Strings} strings */
  constructor(element, strings) {
    this.#element = element;
    this.#strings = strings;
  }

  /** @param {string} text @param {boolean} isDraft */
  show(text, isDraft) {
    if (text === this.#shown && isDraft === this.#isDraft && this.#element.hasChildNodes()) return;
    const { restart, settled, tail } = isDraft ? this.#reader.grow(text) : this.#reader.finish(text);
    if (restart) this.#element.replaceChildren();
    for (const node of this.#tail) node.remove();
    this.#element.append(toDom(settled, true, this.#strings));
    const unfinished = toDom(tail, false, this.#strings);
    if (isDraft) caretPlace(unfinished).append(caret());
    this.#tail = [...unfinished.childNodes];
    this.#element.append(unfinished);
    this.#shown = text;
    this.#isDraft = isDraft;
  }
}

/** The one door through which a model's text becomes markup.
 * @param {Token[]} tokens @param {boolean} isSettled @param {Strings} strings @returns {DocumentFragment} */
function toDom(tokens, isSettled, strings) {
  const fragment = DOMPurify.sanitize(toHtml(tokens), ALLOWED);
  for (const pre of fragment.querySelectorAll("pre")) dressCode(pre, isSettled, strings);
  for (const table of fragment.querySelectorAll("table")) dressTable(table, strings);
  for (const link of fragment.querySelectorAll("a")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer";
  }
  return fragment;
}

/** @param {HTMLPreElement} pre @param {boolean} isSettled @param {Strings} strings */
function dressCode(pre, isSettled, strings) {
  const code = pre.querySelector("code") ?? pre;
  const language = /language-([\w+#-]+)/.exec(code.className)?.[1] ?? "";
  const block = document.createElement("div");
  block.className = "code";
  pre.replaceWith(block);
  const copy = html`<button class="code__copy" type="button" @click=${copyText(() => code.textContent ?? "", strings)}
    >${icon("copy", "16")}<span>${strings.copy}</span></button
  >`;
  render(html`<div class="code__bar"><span>${language || strings.code}</span>${copy}</div>`, block);
  pre.tabIndex = 0;
  block.append(pre);
  if (isSettled && language) highlight(code, language);
}

/** @param {HTMLTableElement} table @param {Strings} strings */
function dressTable(table, strings) {
  const region = document.createElement("div");
  region.className = "table";
  region.tabIndex = 0;
  region.setAttribute("role", "region");
  region.setAttribute("aria-label", table.querySelector("th")?.textContent || strings.table);
  table.replaceWith(region);
  region.append(table);
}

/** Where the text ends: the innermost element that nothing follows.
 * @param {DocumentFragment} fragment @returns {ParentNode} */
function caretPlace(fragment) {
  /** @type {ParentNode} */
  let place = fragment;
  for (let last = lastOf(place); last instanceof Element; last = lastOf(place)) {
    if (last.matches("hr, br, svg, button")) break;
    place = last;
  }
  return place;
}

/** @param {Node} node */
function lastOf(node) {
  let last = node.lastChild;
  while (last instanceof Text && !last.data.trim()) last = last.previousSibling;
  return last;
}

function caret() {
  const mark = document.createElement("span");
  mark.className = "caret";
  mark.setAttribute("aria-hidden", "true");
  return mark;
}
