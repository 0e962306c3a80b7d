/**
 * A picture that the assistant makes: it may come in stages.
 * @import {Item} from "../types.js"
 * @import {Model} from "./model.js"
 */

import { html, nothing } from "lit/html.js";
import { isPicture } from "../sound.js";
import { came, lost } from "./image.js";

/** @param {Item} item @param {boolean} isDraft @param {Model} model */
export function picture({ image, progress }, isDraft, { strings, language }) {
  const url = isPicture(image?.url) ? image?.url : null;
  if (!url && !isDraft) return nothing;
  const isKnown = typeof progress === "number";
  const percent = isKnown ? new Intl.NumberFormat(language, { style: "percent" }).format(progress) : "";
  return html`<figure class="made" aria-busy=${isDraft}>
    ${url ? html`<img src=${url} alt=${strings.generatedImage} @load=${came} @error=${lost}>` : nothing}
    ${
      isDraft
        ? html`<figcaption class="made__state num">
            <span class="spinner"></span>${strings.makingImage} ${percent}
            ${isKnown ? html`<progress class="made__bar" max="1" .value=${progress} aria-label=${strings.makingImage}></progress>` : nothing}
          </figcaption>`
        : nothing
    }
  </figure>`;
}
