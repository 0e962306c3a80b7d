/**
 * The button that stands under selected text: quote it, and answer.
 * @import {ElementPart} from "lit/directive.js"
 * @import {Model} from "./model.js"
 */

import { Directive, directive, PartType } from "lit/directive.js";
import { html, noChange, nothing } from "lit/html.js";
import { icon } from "../icons.js";

const GAP_PX = 6;
const EDGE_PX = 8;

/** @param {Model} model */
export function quoteButton({ strings, composing, session }) {
  const { quotable } = composing;
  if (!quotable || session.isBusy) return nothing;
  return html`<button class="button button--small quote" type="button" popover="manual" ${under(quotable.x, quotable.y)}
    @pointerdown=${(/** @type {Event} */ event) => event.preventDefault()}
    @click=${() => composing.quoteSelected()}>${icon("quote", "16")}${strings.quote}</button>`;
}

class UnderDirective extends Directive {
  /** @param {import("lit/directive.js").PartInfo} part */
  constructor(part) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("under() belongs on an element");
  }

  /** @param {number} _x @param {number} _y @returns {unknown} */
  render(_x, _y) {
    return noChange;
  }

  /** @override @param {ElementPart} part @param {[number, number]} values */
  update({ element }, [x, y]) {
    if (!(element instanceof HTMLElement)) return noChange;
    queueMicrotask(() => {
      if (!element.isConnected) return;
      if (!element.matches(":popover-open")) element.showPopover();
      const { offsetWidth, offsetHeight } = element;
      element.style.left = `${Math.max(EDGE_PX, Math.min(x - offsetWidth / 2, innerWidth - offsetWidth - EDGE_PX))}px`;
      element.style.top = `${Math.min(y + GAP_PX, innerHeight - offsetHeight - EDGE_PX)}px`;
    });
    return noChange;
  }
}

/** Above everything, beneath a place in the window. */
const under = directive(UnderDirective);
