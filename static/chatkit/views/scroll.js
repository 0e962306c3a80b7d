/**
 * What comes of scrolling: earlier messages of a long conversation are fetched in time, and what scrolls can be reached.
 * @import {ElementPart} from "lit/directive.js"
 */

import { Directive, directive, PartType } from "lit/directive.js";
import { noChange } from "lit/html.js";

/** Earlier messages are asked for when so much is left to scroll. */
const AHEAD = "1200px 0px 0px 0px";

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

/** So much of its words names what scrolls. */
const NAME = 60;
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const scrolls = target.scrollHeight > target.clientHeight + 1;
    const words = target.textContent?.trim().slice(0, NAME) ?? "";
    for (const [name, value] of Object.entries({ tabindex: "0", role: "group", "aria-label": words }))
      if (scrolls) target.setAttribute(name, value);
      else target.removeAttribute(name);
  }
});

class Scrollable extends Directive {
  /** @returns {unknown} */
  render() {
    return noChange;
  }

  /** @override @param {ElementPart} part */
  update({ element }) {
    sizes.observe(element);
    return noChange;
  }
}

/** Can be reached and named where it scrolls: not every browser sees to that by itself. */
export const scrollable = directive(Scrollable);
