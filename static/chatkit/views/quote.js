/**
 * The button that stands under selected text: quote it, and answer.
 * @import {Model} from "./model.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";
import { anchored } from "./anchored.js";

/** @param {Model} model */
export function quoteButton({ strings, composing, session }) {
  const { quotable } = composing;
  if (!quotable || session.isBusy) return nothing;
  return html`<button class="button button--small quote" type="button" popover="manual" ${anchored(() => quotable)}
    @pointerdown=${(/** @type {Event} */ event) => event.preventDefault()}
    @click=${() => composing.quoteSelected()}>${icon("quote", "16")}${strings.quote}</button>`;
}
