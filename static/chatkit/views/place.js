/**
 * What one reads stays in place, whatever changes its size around it: a reply that grows, blocks that take their true
 * size when they come into sight, a phone that is turned. The browser's own anchors know nothing of a box that counts
 * from its end, and Safari has none.
 */

/** Further from the end than this, one reads what was said before. Nearer, the end stays in sight. */
const SCROLLED_UP_PX = 160;
/** What is read is looked for from the upper edge downwards, in such steps. */
const STEP_PX = 24;

/** @typedef {{element: Element, top: number}} Anchor */

export class Place {
  /** The scrolled box, which counts from its end. @type {Element | null} */
  #box = null;
  /** What is read at the upper edge, and what that is part of; empty at the end. @type {Anchor[]} */
  #anchors = [];
  /** How far the box was scrolled to hold them. @type {number | null} */
  #held = null;
  #observer = new ResizeObserver(() => this.#hold());

  /** Draw, and hold the place.
   * @param {ParentNode} root @param {() => void} draw
   * @param {"place" | "turn"} [held] what stays also at the end: what one reads, or the beginning of the last turn */
  keep(root, draw, held) {
    if (this.#box && !this.#isScrolledUp) this.#anchors = held === "place" ? anchorsIn(this.#box) : [];
    else if (!this.#anchor) this.moved(); // after a long way nothing may have been drawn there yet
    draw();
    const box = root.querySelector(".chat__scroll");
    if (box !== this.#box) this.#watch(box);
    if (held === "turn") this.#showTurn();
    else this.#hold();
  }

  /** Where the last turn is higher than the box, its beginning is what one sees. */
  #showTurn() {
    const box = this.#box;
    const turn = box ? [...box.querySelectorAll(".turn")].at(-1) : null;
    const over = box && turn ? turn.getBoundingClientRect().top - box.getBoundingClientRect().top : 0;
    if (box && over < 0) box.scrollTop += over;
  }

  /** The box was scrolled: another place is held from now on. It is told a frame later, when all may have another size
   * already: so what was scrolled here, to hold a place, changes none.
   * @returns {boolean} whether one reads what was said before */
  moved() {
    const isScrolledUp = this.#isScrolledUp;
    if (isScrolledUp && this.#anchor && this.#box?.scrollTop === this.#held) return true;
    this.#anchors = this.#box && isScrolledUp ? anchorsIn(this.#box) : [];
    return isScrolledUp;
  }

  get #isScrolledUp() {
    return this.#box !== null && this.#box.scrollTop < -SCROLLED_UP_PX;
  }

  get #anchor() {
    return this.#anchors.find(({ element }) => element.isConnected);
  }

  /** @param {Element | null} box */
  #watch(box) {
    this.#observer.disconnect();
    this.#box = box;
    this.#anchors = [];
    for (const each of box ? [box, ...box.children] : []) this.#observer.observe(each);
  }

  #hold() {
    const anchor = this.#anchor;
    if (!anchor || !this.#box?.clientHeight) return;
    const moved = anchor.element.getBoundingClientRect().top - anchor.top;
    if (Math.abs(moved) < 1) return;
    this.#box.scrollTop += moved;
    this.#held = this.#box.scrollTop;
  }
}

/** The innermost element comes first: of a long message not all has its true size. If it is drawn anew the next one
 * counts.
 * @param {Element} box @returns {Anchor[]} */
function anchorsIn(box) {
  const { left, top, width, height } = box.getBoundingClientRect();
  const root = /** @type {ShadowRoot} */ (box.getRootNode());
  for (let down = STEP_PX; down < height; down += STEP_PX) {
    const found = root.elementFromPoint(left + width / 2, top + down);
    if (found?.closest(".turn")) return partsOf(found);
  }
  return [];
}

/** @param {Element} innermost @returns {Anchor[]} */
function partsOf(innermost) {
  /** @type {Anchor[]} */
  const parts = [];
  for (let element = innermost; !element.matches(".block"); ) {
    parts.push({ element, top: element.getBoundingClientRect().top });
    if (!element.parentElement) break;
    element = element.parentElement;
  }
  return parts;
}
