/**
 * Entities that can be pressed and looked at, and the card that shows what is seen.
 * @import {Entity} from "@openai/chatkit"
 * @import {Model} from "./model.js"
 */

import { keyed } from "lit/directives/keyed.js";
import { html, nothing } from "lit/html.js";
import { widgetPreview } from "../widgets/item.js";
import { anchored } from "./anchored.js";

/** @param {Model} model */
export function previewCard(model) {
  const { shown } = model.previews;
  if (!shown?.preview) return nothing;
  const { entity, anchor, preview } = shown;
  const place = () => {
    const { left, width, top, bottom } = anchor.getBoundingClientRect();
    return { x: left + width / 2, top, bottom };
  };
  const card = html`<div class="preview" popover="manual" role="tooltip" aria-label=${entity.title} ${anchored(place)}
    @pointerenter=${() => model.previews.keep()} @pointerleave=${() => model.previews.close()}>
    ${widgetPreview(preview, model)}
  </div>`;
  return keyed(entity.id, card);
}

/** A button that stands for an entity: pressing it tells the page, looking at it shows the preview.
 * @param {Entity} entity @param {{kind: string, about?: string | undefined}} how @param {unknown} content @param {Model} model */
export function entityButton(entity, { kind, about }, content, { options, previews }) {
  const open = (/** @type {Event} */ { currentTarget }) => {
    if (currentTarget instanceof Element) previews.open(entity, currentTarget);
  };
  const close = () => previews.close();
  return html`<button class=${kind} type="button" title=${about || nothing}
    @pointerenter=${open} @pointerleave=${close} @focus=${open} @blur=${close}
    @click=${() => options.entities?.onClick?.(entity)}>${content}</button>`;
}

/** Whether the page does anything with an entity that may be pressed.
 * @param {{interactive?: boolean}} named @param {Model} model */
export function isLively({ interactive }, { options: { entities } }) {
  return Boolean(interactive && (entities?.onClick || entities?.onRequestPreview));
}
