/**
 * What went wrong in the composer, in words that say what to do.
 * @import {Trouble} from "../composing.js"
 * @import {Model} from "./model.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";
import { acceptedKinds } from "../limits.js";
import { sizeText } from "./files.js";

/** @param {Model} model */
export function troubleNotices(model) {
  const { strings, composing } = model;
  if (!composing.troubles.length) return nothing;
  return html`<div class="notice notice--danger notice--trouble" role="alert">
    ${icon("alert")}
    <div class="notice__text">${composing.troubles.map((trouble) => words(trouble, model))}</div>
    <button class="icon-button icon-button--small" type="button" aria-label=${strings.close} @click=${() => composing.dismissTroubles()}>${icon("x", "16")}</button>
  </div>`;
}

/** @param {Trouble} trouble @param {Model} model */
function words(trouble, { strings, language, options }) {
  if (trouble.kind === "unsent")
    return html`<strong>${strings.unsentTitle}</strong><p>${strings.unsentDetail}</p>`;
  if (trouble.kind === "microphone") {
    const isRefused = trouble.why === "refused";
    return html`<strong>${isRefused ? strings.microphoneRefused : strings.dictationFailed}</strong>
      <p>${isRefused ? strings.microphoneRefusedDetail : trouble.why === "missing" ? strings.microphoneMissing : trouble.detail || strings.actionFailed}</p>`;
  }
  const { reason, limit, file } = trouble.refusal;
  const kinds = new Intl.ListFormat(language, { type: "disjunction" }).format(
    acceptedKinds(options.composer?.attachments?.accept),
  );
  const told = {
    size: [
      strings.tooLarge(file.name),
      strings.tooLargeDetail(sizeText(limit, language), sizeText(file.size, language)),
    ],
    type: [strings.wrongKind(file.name), strings.wrongKindDetail(kinds)],
    count: [strings.tooMany, strings.tooManyDetail(limit)],
    empty: [strings.emptyFile(file.name), ""],
  }[reason];
  return html`<strong>${told[0]}</strong>${told[1] ? html`<p>${told[1]}</p>` : nothing}`;
}
