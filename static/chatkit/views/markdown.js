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
import { came } from "./image.js";
import { drawMath } from "./math.js";

const ALLOWED = {
  ALLOWED_TAGS:
    "a b blockquote br code del div em h3 h4 h5 h6 hr i li ol p pre s span strong sub sup table tbody td th thead tr ul".split(
      " ",
    ),
  ALLOWED_ATTR: ["href", "title", "start", "align", "class"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:|chatkit-link:)/i,
  // The pattern is for addresses; without this it would be asked of these too.
  ADD_URI_SAFE_ATTR: ["align", "start"],
  RETURN_DOM_FRAGMENT: /** @type {const} */ (true),
};
/** @type {readonly string[]} */
const NOWHERE = [];
/** So many settled blocks of a text that grows are laid out as one piece: those out of sight aren't looked at. */
const PIECE = 12;
/** The caret blinks when so long nothing has come. */
const WAIT_MS = 600;

class MarkdownDirective extends Directive {
  /** @type {MarkdownBody | undefined} */
  #body;

  /** @param {import("lit/directive.js").PartInfo} part */
  constructor(part) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("markdown() belongs on an element");
  }

  /** Pictures are shown from the domains that are named; from others they are links.
   * @param {string} _text @param {boolean} _isDraft @param {Strings} _strings @param {readonly string[] | null} [_domains]
   * @returns {unknown} */
  render(_text, _isDraft, _strings, _domains) {
    return noChange;
  }

  /** @override @param {ElementPart} part @param {[string, boolean, Strings, (readonly string[] | null)?]} values */
  update(part, [text, isDraft, strings, domains]) {
    this.#body ??= new MarkdownBody(part.element);
    this.#body.show(text, isDraft, { strings, domains: domains ?? NOWHERE });
    return noChange;
  }
}

/** Keeps an element's content at a text that grows. */
export const markdown = directive(MarkdownDirective);

/** @typedef {{strings: Strings, domains: readonly string[]}} Setting */

class MarkdownBody {
  #element;
  #reader = new GrowingMarkdown();
  /** @type {ChildNode[]} */
  #tail = [];
  /** The pictures of the unfinished end, by their addresses: they aren't fetched again. @type {Map<string, Element>} */
  #pictures = new Map();
  #shown = "";
  #isDraft = true;
  /** The piece that is being filled. @type {Element | null} */
  #piece = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #waiting;
  /** @type {Setting | null} */
  #setting = null;

  /** @param {Element} element */
  constructor(element) {
    this.#element = element;
  }

  /** @param {string} text @param {boolean} isDraft @param {Setting} setting */
  show(text, isDraft, setting) {
    if (!this.#isFor(setting)) this.#restart(setting);
    if (text === this.#shown && isDraft === this.#isDraft && this.#element.hasChildNodes()) return;
    const { restart, settled, tail } = isDraft ? this.#reader.grow(text) : this.#reader.finish(text);
    if (restart) this.#clear();
    this.#pictures = picturesIn(this.#tail);
    for (const node of this.#tail) node.remove();
    if (settled.length) this.#settle(toDom(settled, true, setting, this.#pictures), isDraft);
    const unfinished = toDom(tail, false, setting, this.#pictures);
    this.#putCaret(isDraft ? caretPlace(unfinished) : null);
    this.#tail = [...unfinished.childNodes];
    this.#element.append(unfinished);
    this.#shown = text;
    this.#isDraft = isDraft;
  }

  /** @param {DocumentFragment} blocks @param {boolean} isDraft */
  #settle(blocks, isDraft) {
    if (!isDraft) this.#element.append(blocks);
    for (const block of [...blocks.childNodes]) {
      if (!this.#piece || this.#piece.childElementCount >= PIECE) this.#begin();
      this.#piece?.append(block);
    }
  }

  #begin() {
    this.#piece = document.createElement("div");
    this.#piece.className = "piece";
    this.#element.append(this.#piece);
  }

  /** An animation would make pictures by itself, and each new caret begins its own: it waits for a pause.
   * @param {ParentNode | null} place */
  #putCaret(place) {
    clearTimeout(this.#waiting);
    if (!place) return;
    const mark = caret();
    place.append(mark);
    this.#waiting = setTimeout(() => mark.classList.add("caret--waiting"), WAIT_MS);
  }

  #clear() {
    this.#piece = null;
    this.#element.replaceChildren();
  }

  /** @param {Setting} setting */
  #isFor({ strings, domains }) {
    return this.#setting?.strings === strings && this.#setting.domains.join() === domains.join();
  }

  /** @param {Setting} setting */
  #restart(setting) {
    this.#setting = setting;
    this.#reader = new GrowingMarkdown();
    this.#tail = [];
    this.#clear();
  }
}

/** The one door through which a model's text becomes markup.
 * @param {Token[]} tokens @param {boolean} isSettled @param {Setting} setting @param {Map<string, Element>} pictures
 * @returns {DocumentFragment} */
function toDom(tokens, isSettled, { strings, domains }, pictures) {
  const fragment = DOMPurify.sanitize(toHtml(tokens), ALLOWED);
  for (const pre of fragment.querySelectorAll("pre")) dressCode(pre, isSettled, strings);
  for (const table of fragment.querySelectorAll("table")) dressTable(table, strings);
  for (const formula of fragment.querySelectorAll(".math"))
    drawMath(/** @type {HTMLElement} */ (formula), formula.matches("div"));
  for (const mark of fragment.querySelectorAll(".noteref")) dressReference(mark, strings);
  for (const link of fragment.querySelectorAll("a")) dressLink(link, domains, pictures);
  return fragment;
}

/** A picture that can't come stays a link, as one from another domain does.
 * @param {HTMLAnchorElement} link @param {readonly string[]} domains @param {Map<string, Element>} pictures */
function dressLink(link, domains, pictures) {
  Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
  if (!link.matches(".image") || !isFrom(domains, link.href)) return;
  const address = link.getAttribute("href") ?? "";
  const image = pictures.get(address) ?? pictureOf(link);
  pictures.delete(address);
  link.replaceWith(image);
}

/** @param {HTMLAnchorElement} link */
function pictureOf(link) {
  const image = document.createElement("img");
  image.addEventListener("load", came);
  image.addEventListener("error", () => {
    link.classList.add("lost");
    image.replaceWith(link);
  });
  return Object.assign(image, {
    alt: link.textContent,
    referrerPolicy: "no-referrer",
    src: link.getAttribute("href"),
  });
}

/** Those that are lost too: what grows doesn't ask for them with each word.
 * @param {readonly ChildNode[]} nodes @returns {Map<string, Element>} */
function picturesIn(nodes) {
  const found = nodes.flatMap((node) =>
    node instanceof Element ? [...node.querySelectorAll("img, a.lost")] : [],
  );
  return new Map(found.map((each) => [each.getAttribute("src") ?? each.getAttribute("href") ?? "", each]));
}

/** Whether an address is on one of these domains, or below it; never without https.
 * @param {readonly string[]} domains @param {string} address */
function isFrom(domains, address) {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username } = new URL(address);
  const isThere = domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
  return protocol === "https:" && !username && isThere;
}

/** A footnote's number leads to the note, and back.
 * @param {Element} mark @param {Strings} strings */
function dressReference(mark, strings) {
  const number = mark.textContent ?? "";
  const go = (/** @type {MouseEvent} */ { currentTarget }) => {
    const notes =
      /** @type {Element} */ (currentTarget).closest(".prose > div")?.querySelectorAll(".note") ?? [];
    const note = [...notes].find((each) => each.firstElementChild?.textContent === number);
    if (!(note instanceof HTMLElement)) return;
    note.tabIndex = -1;
    note.focus();
  };
  mark.replaceChildren();
  render(
    html`<button class="noteref" type="button" aria-label=${strings.footnote(number)} @click=${go}>${number}</button>`,
    /** @type {HTMLElement} */ (mark),
  );
  mark.className = "";
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
  region.setAttribute("role", "group");
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
