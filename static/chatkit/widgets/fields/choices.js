/**
 * Boxes to tick, and one of several.
 * @import {Stage} from "../types.js"
 */

import { html, nothing } from "lit/html.js";
import { isRecord, words } from "../values.js";
import { fieldId, nameFor } from "./names.js";

/** @typedef {Record<string, unknown>} Node */

/** @param {Node} node @param {Stage} stage */
export function checkbox(node, stage) {
  const name = words(node.name);
  const change = (/** @type {Event} */ { currentTarget }) => {
    const element = /** @type {HTMLInputElement} */ (currentTarget);
    stage.act(node.onChangeAction, { node, element, values: [[name, element.checked]] });
  };
  return html`<label class="w-choice">
    <input
      type="checkbox"
      id=${fieldId(stage, name)}
      name=${name}
      aria-label=${nameFor(node, stage)}
      ?required=${node.required}
      ?disabled=${node.disabled}
      .defaultChecked=${Boolean(node.defaultChecked)}
      @change=${change}
    >
    ${words(node.label) ? html`<span>${words(node.label)}</span>` : nothing}
  </label>`;
}

/** The browser groups by name within the whole element: each widget has names of its own.
 * @param {Node} node @param {Stage} stage */
export function radioGroup(node, stage) {
  const name = words(node.name);
  const id = fieldId(stage, name);
  const change = (/** @type {Event} */ { currentTarget }) => {
    const element = /** @type {HTMLInputElement} */ (currentTarget);
    stage.act(node.onChangeAction, { node, element, values: [[name, element.value]] });
  };
  const isLabelled = stage.labels.has(name);
  const options = [node.options].flat().filter(isRecord);
  return html`<div
    class="w-choices ${node.direction === "row" ? "w-choices--row" : ""}"
    role="radiogroup"
    aria-label=${words(node.ariaLabel) || (isLabelled ? nothing : name)}
    aria-labelledby=${isLabelled && !words(node.ariaLabel) ? `${id}-label` : nothing}
    aria-required=${node.required ? "true" : nothing}
  >
    ${options.map(
      ({ value, label, disabled }, at) => html`<label class="w-choice">
        <input
          type="radio"
          id=${at ? nothing : id}
          name=${id}
          data-name=${name}
          value=${words(value)}
          ?required=${node.required}
          ?disabled=${node.disabled || disabled}
          .defaultChecked=${words(value) === node.defaultValue}
          @change=${change}
        >
        <span>${words(label)}</span>
      </label>`,
    )}
  </div>`;
}
