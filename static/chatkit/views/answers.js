/**
 * What the assistant asked, and how it was answered.
 * @import {Item} from "../types.js"
 * @import {Model} from "./model.js"
 */

import { html, nothing } from "lit/html.js";

/** The questions of an item that is over, with their answers.
 * @param {Item} item @param {Model} model */
export function answeredQuestions(item, { strings }) {
  if (item.status === "pending" || !item.status) return nothing;
  if (item.status === "skipped") {
    const asked = questionsOf(item).map(({ question }) => question);
    return html`<p class="step"><span class="cut">${strings.skipped}: <bdi>${asked.join(" ")}</bdi></span></p>`;
  }
  return html`<dl class="answers">
    ${questionsOf(item).map(
      ({ question, answer }) => html`<div>
        <dt dir="auto">${question}</dt>
        <dd dir="auto">${answer?.values?.length && !answer.skipped ? answer.values.join(", ") : html`<span class="quiet">${strings.skipped}</span>`}</dd>
      </div>`,
    )}
  </dl>`;
}

/** @param {Item} item */
export function questionsOf({ inputs = [] }) {
  return inputs.filter((question) => question?.id && question.question);
}
