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
import { GrowingMarkdown, SLICE, toHtml, whatNeeds } from "../markdown.js";
import { copyText } from "./copy.js";
import { came } from "./image.js";

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
/** A long text is drawn in steps of so many letters, for so long at once: the browser needs the rest of a task. */
const STEP = 1500;
const STEPS_MS = 8;
/** What goes on with a block is put into it, until it is so long: the browser lays it out again with each change. A
 * table has columns to keep, and begins anew with its head. */
const LONGEST = { list: 1500, table: 4000, code: Number.POSITIVE_INFINITY };

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
   * @param {(blocks: DocumentFragment) => void} [_dress] does what is to be done with the words
   * @returns {unknown} */
  render(_text, _isDraft, _strings, _domains, _dress) {
    return noChange;
  }

  /** @override @param {ElementPart} part
   * @param {[string, boolean, Strings, (readonly string[] | null)?, ((blocks: DocumentFragment) => void)?]} values */
  update(part, [text, isDraft, strings, domains, dress = () => {}]) {
    this.#body ??= new MarkdownBody(part.element);
    this.#body.show(text, isDraft, { strings, domains: domains ?? NOWHERE, dress });
    return noChange;
  }
}

/** Keeps an element's content at a text that grows. */
export const markdown = directive(MarkdownDirective);

/** @typedef {{strings: Strings, domains: readonly string[], dress: (blocks: DocumentFragment) => void}} Setting */

class MarkdownBody {
  #element;
  /** Where blocks are put: the element, or the place where a shown text is drawn anew. @type {Element} */
  #ground;
  #reader = new GrowingMarkdown();
  /** What is settled and not drawn yet. @type {Token[]} */
  #due = [];
  #isRead = false;
  /** Its end, which isn't settled. @type {Token[]} */
  #unfinished = [];
  /** That, as it is drawn. @type {ChildNode[]} */
  #tail = [];
  /** The pictures of the unfinished end, by their addresses: they aren't fetched again. @type {Map<string, Element>} */
  #pictures = new Map();
  #shown = "";
  #isDraft = true;
  /** The piece that is being filled. @type {Element | null} */
  #piece = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #waiting;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #next;
  /** @type {Setting | null} */
  #setting = null;

  /** @param {Element} element */
  constructor(element) {
    this.#element = this.#ground = element;
  }

  /** @param {string} text @param {boolean} isDraft @param {Setting} setting */
  show(text, isDraft, setting) {
    if (!this.#isFor(setting) || (isDraft && !this.#isDraft)) this.#restart();
    else if (text === this.#shown && isDraft === this.#isDraft) return;
    this.#setting = setting;
    this.#shown = text;
    this.#isDraft = isDraft;
    this.#isRead = false;
    clearTimeout(this.#next);
    if (this.#tail.length) this.#pictures = picturesIn(this.#tail);
    const needed = whatNeeds(text);
    if (!isDraft && (!this.#reader.length || this.#reader.mustReadAgain(text))) this.#readAgain(text);
    if (!needed || text.length <= SLICE) this.#goOn();
    else needed.then(() => text === this.#shown && this.#goOn());
  }

  /** Draw for a while, and the rest soon; a short text at once. */
  #goOn() {
    const until = performance.now() + STEPS_MS;
    const isShort = this.#shown.length <= SLICE;
    while (this.#isStepLeft()) {
      if (isShort || performance.now() < until) continue;
      this.#next = setTimeout(() => this.#goOn());
      return;
    }
    if (this.#ground === this.#element) return;
    this.#element.replaceChildren(...this.#ground.childNodes);
    this.#ground = this.#element;
  }

  /** Take a step: draw what is due, read a slice, or the end. @returns {boolean} whether there is more to do */
  #isStepLeft() {
    const text = this.#shown;
    if (this.#due.length) {
      this.#settle(this.#due.splice(0, stepIn(this.#due)));
    } else if (this.#reader.length + SLICE < text.length) {
      this.#take(this.#reader.grow(text.slice(0, this.#reader.length + SLICE)));
    } else if (!this.#isRead) {
      this.#isRead = true;
      this.#unfinished = this.#take(this.#isDraft ? this.#reader.grow(text) : this.#reader.finish(text));
    } else {
      this.#drawTail();
      return false;
    }
    return true;
  }

  /** @param {{restart: boolean, settled: Token[], tail: Token[]}} read @returns {Token[]} its end */
  #take({ restart, settled, tail }) {
    if (restart) this.#clear();
    this.#due = settled;
    return tail;
  }

  /** What the end of the text says changes its beginning: what is shown stays until all is drawn anew.
   * @param {string} text */
  #readAgain(text) {
    this.#reader = GrowingMarkdown.of(text);
    this.#due = [];
    this.#piece = null;
    this.#ground = this.#element.hasChildNodes() ? document.createElement("div") : this.#element;
  }

  /** @param {Token[]} tokens */
  #settle(tokens) {
    this.#removeTail();
    const blocks = this.#toDom(tokens, true);
    this.#join(blocks);
    for (const block of [...blocks.childNodes]) {
      const isFull = this.#piece && this.#piece.childElementCount >= PIECE;
      if (!this.#piece || isFull || isMore(block)) this.#begin();
      this.#piece?.append(block);
    }
  }

  #drawTail() {
    this.#removeTail();
    const blocks = this.#toDom(this.#unfinished, false);
    this.#unfinished = [];
    this.#putCaret(this.#isDraft ? caretPlace(blocks) : null);
    this.#tail = [...this.#join(blocks), ...blocks.childNodes];
    this.#ground.append(blocks);
    this.#pictures = new Map();
  }

  #removeTail() {
    for (const node of this.#tail) node.remove();
    this.#tail = [];
  }

  /** @param {Token[]} tokens @param {boolean} isSettled */
  #toDom(tokens, isSettled) {
    const setting = /** @type {Setting} */ (this.#setting);
    const blocks = toDom(tokens, isSettled, setting, this.#pictures);
    setting.dress(blocks);
    return blocks;
  }

  /** Put the first block into the last one that is settled, if it goes on with it and that isn't too long.
   * @param {DocumentFragment} blocks @returns {ChildNode[]} what was put there */
  #join({ firstElementChild: first }) {
    const last = this.#piece?.lastElementChild;
    if (!first || !last || !isMore(first) || last.localName !== first.localName) return [];
    const kind = first.matches(".code") ? "code" : first.matches(".table") ? "table" : "list";
    if ((last.textContent ?? "").length > LONGEST[kind]) return [];
    first.remove();
    const put = join(last, first);
    if (first.matches(".settled")) colour(last);
    return put;
  }

  #begin() {
    this.#piece = document.createElement("div");
    this.#piece.className = "piece";
    this.#ground.append(this.#piece);
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
    this.#ground = this.#element;
    this.#element.replaceChildren();
  }

  /** @param {Setting} setting */
  #isFor({ strings, domains }) {
    return this.#setting?.strings === strings && this.#setting.domains.join() === domains.join();
  }

  #restart() {
    this.#reader = new GrowingMarkdown();
    this.#tail = this.#due = [];
    this.#clear();
  }
}

/** How many of these blocks are one step. @param {readonly Token[]} tokens */
function stepIn(tokens) {
  let length = 0;
  const last = tokens.findIndex(({ raw }) => {
    length += raw.length;
    return length > STEP;
  });
  return last + 1 || tokens.length;
}

/** @param {Node} node */
function isMore(node) {
  return node instanceof Element && node.matches(".more");
}

/** Put what goes on with a block into it, and what goes on inside of that likewise.
 * @param {Element} block @param {Element} more @returns {ChildNode[]} what was put there */
function join(block, more) {
  for (const double of more.querySelectorAll(":scope > :is(thead, .code__bar)")) double.remove();
  const [inner, last] = [more.firstElementChild, block.lastElementChild];
  const isInside = inner && last && isMore(inner) && inner.localName === last.localName;
  if (isInside) inner.remove();
  const put = [...more.childNodes];
  block.append(...put);
  return isInside ? [...join(last, inner), ...put] : put;
}

/** The one door through which a model's text becomes markup.
 * @param {Token[]} tokens @param {boolean} isSettled @param {Setting} setting @param {Map<string, Element>} pictures
 * @returns {DocumentFragment} */
function toDom(tokens, isSettled, { strings, domains }, pictures) {
  const fragment = DOMPurify.sanitize(toHtml(tokens), ALLOWED);
  for (const pre of fragment.querySelectorAll("pre")) dressCode(pre, isSettled, strings);
  for (const table of fragment.querySelectorAll("table")) dressTable(table, strings);
  for (const formula of fragment.querySelectorAll(".math")) draw(/** @type {HTMLElement} */ (formula));
  for (const mark of fragment.querySelectorAll(".noteref")) dressReference(mark, strings);
  for (const link of fragment.querySelectorAll("a")) dressLink(link, domains, pictures);
  return fragment;
}

/** @type {typeof import("./math.js") | null} */
let math = null;

/** What draws formulas is fetched with the first one. @param {HTMLElement} formula */
async function draw(formula) {
  if (!math) math = await import("./math.js").catch(() => null);
  math?.drawMath(formula, formula.matches("div"));
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
  if (pre.matches(".more")) {
    block.classList.add("more", ...(isSettled && !pre.matches(".open") ? ["settled"] : []));
    code.classList.add("more");
  }
  if (pre.className) code.replaceChildren(lines(code.textContent ?? ""));
  else if (isSettled) colour(block);
}

/** Code is coloured when its block is complete. @param {Element} block */
function colour(block) {
  const code = block.querySelector("code");
  const language = /language-([\w+#-]+)/.exec(code?.className ?? "")?.[1];
  if (code && language) import("./highlight.js").then(({ highlight }) => highlight(code, language));
}

/** @param {string} text some lines of a long block, which the browser needs to lay out only once */
export function lines(text) {
  return Object.assign(document.createElement("span"), { className: "lines", textContent: text });
}

/** @param {HTMLTableElement} table @param {Strings} strings */
function dressTable(table, strings) {
  const region = document.createElement("div");
  region.className = table.matches(".more") ? "table more" : "table";
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
