/**
 * Where one is in a long conversation: earlier messages are fetched in time, and what is read stays in place.
 * @import {ElementPart} from "lit/directive.js"
 */

import { Directive, directive, PartType } from "lit/directive.js";
import { noChange } from "lit/html.js";

/** Earlier messages are asked for when so much is left to scroll. */
const AHEAD = "1200px 0px 0px 0px";
/** Further from the end than this, one reads what was said before. */
export const SCROLLED_UP_PX = 160;

class WhenNear extends Directive {
  /** @type {IntersectionObserver | undefined} */
  #observer;
  /** @type {() => void} */
  #act = () => {};

  /** @param {import("lit/directive.js").PartInfo} part */
  constructor(part) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("whenNear() belongs on an element");
  }

  /** @param {() => void} _act @returns {unknown} */
  render(_act) {
    return noChange;
  }

  /** @override @param {ElementPart} part @param {[() => void]} values */
  update({ element }, [act]) {
    this.#act = act;
    // The element stands in its place, and the place in the scrolled box, only after this picture.
    if (!this.#observer) queueMicrotask(() => this.#watch(element));
    return noChange;
  }

  /** @param {Element} element */
  #watch(element) {
    this.#observer ??= new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) this.#act();
      },
      { root: element.closest(".chat__scroll"), rootMargin: AHEAD },
    );
    this.#observer.observe(element);
  }
}

/** Call back when an element is about to come into sight. */
export const whenNear = directive(WhenNear);

/** Draw, and keep in place what is read: below it a reply may grow. The browser's own anchors would hold on to blocks
 * whose sizes are guessed until they are seen.
 * @param {Element | null} box the scrolled box, which counts from its end @param {() => void} draw
 * @param {"place" | "turn"} [held] what stays even at the end: what one reads, or the beginning of the last turn */
export function keepingPlace(box, draw, held) {
  if (!box || held === "turn" || (!held && box.scrollTop > -SCROLLED_UP_PX)) {
    draw();
    if (box && held === "turn") showTurn(box);
    return;
  }
  const anchor = firstInSight(box);
  const before = anchor?.getBoundingClientRect().top ?? 0;
  draw();
  if (anchor?.isConnected) box.scrollTop += anchor.getBoundingClientRect().top - before;
}

/** Where the last turn is higher than the box, its beginning is what one sees. @param {Element} box */
function showTurn(box) {
  const turn = [...box.querySelectorAll(".turn")].at(-1);
  const over = turn ? turn.getBoundingClientRect().top - box.getBoundingClientRect().top : 0;
  if (over < 0) box.scrollTop += over;
}

/** What one sees there: what is out of sight has no place to be trusted, its size is a guess.
 * @param {Element} box */
function firstInSight(box) {
  const { left, top, width, height } = box.getBoundingClientRect();
  const root = /** @type {ShadowRoot} */ (box.getRootNode());
  for (let down = 24; down < height; down += 24) {
    const turn = root.elementFromPoint(left + width / 2, top + down)?.closest(".turn");
    if (turn) return turn;
  }
  return null;
}
