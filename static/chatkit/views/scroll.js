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
 * @param {boolean} [isHeld] even at the end nothing moves */
export function keepingPlace(box, draw, isHeld = false) {
  if (!box || (!isHeld && box.scrollTop > -SCROLLED_UP_PX)) {
    draw();
    return;
  }
  const anchor = firstInSight(box);
  const before = anchor?.getBoundingClientRect().top ?? 0;
  draw();
  if (anchor?.isConnected) box.scrollTop += anchor.getBoundingClientRect().top - before;
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
