/**
 * A popover that stands by a place in the window, and stays inside of it.
 * @import {ElementPart} from "lit/directive.js"
 */

import { Directive, directive, PartType } from "lit/directive.js";
import { noChange } from "lit/html.js";
import { putAt } from "./menu.js";

const GAP_PX = 6;
const EDGE_PX = 8;

/** @typedef {{x: number, top: number, bottom: number}} Place */

class AnchoredDirective extends Directive {
  /** @param {import("lit/directive.js").PartInfo} part */
  constructor(part) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("anchored() belongs on an element");
  }

  /** @param {() => Place} _place @returns {unknown} */
  render(_place) {
    return noChange;
  }

  /** @override @param {ElementPart} part @param {[() => Place]} values */
  update({ element }, [place]) {
    if (element instanceof HTMLElement) queueMicrotask(() => put(element, place()));
    return noChange;
  }
}

/** Show a popover under a place, or above it where there is no room. */
export const anchored = directive(AnchoredDirective);

/** @param {HTMLElement} element @param {Place} place */
function put(element, { x, top, bottom }) {
  if (!element.isConnected) return;
  if (!element.matches(":popover-open")) element.showPopover();
  const { width, height } = element.getBoundingClientRect();
  const left = Math.min(x - width / 2, innerWidth - width - EDGE_PX);
  const under = bottom + GAP_PX;
  const isLow = under + height > innerHeight - EDGE_PX;
  putAt(element, Math.max(EDGE_PX, left), isLow ? Math.max(EDGE_PX, top - height - GAP_PX) : under);
}
