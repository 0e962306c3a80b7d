/**
 * One of a list. A short and plain one is the browser's own, which suits thumbs and readers.
 * @import {Stage} from "../types.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../../icons.js";
import { styled } from "../styled.js";
import { isRecord, kept, words } from "../values.js";
import { combobox } from "./combobox.js";
import { fieldId, fieldKinds, nameFor, sizeOf, target } from "./names.js";

/** @typedef {Record<string, unknown>} Node */

const MANY = 15;

/** @param {Node} node @param {Stage} stage */
export function select(node, stage) {
  const options = [node.options].flat().filter(isRecord);
  const isSearched = Boolean(node.searchable ?? options.length > MANY);
  const isPlain = !isSearched && !options.some(({ description }) => words(description));
  return isPlain ? native(node, options, stage) : combobox(node, options, isSearched, stage);
}

/** @param {Node} node @param {Node[]} options @param {Stage} stage */
function native(node, options, stage) {
  const name = words(node.name);
  const chosen = words(node.defaultValue);
  const { strings } = stage.host;
  const change = (/** @type {Event} */ event) => {
    const element = /** @type {HTMLSelectElement} */ (target(event));
    stage.act(node.onChangeAction, { node, element, values: [[name, element.value]] });
  };
  const clear = (/** @type {Event} */ event) => {
    const field = /** @type {HTMLSelectElement} */ (target(event).parentElement?.querySelector("select"));
    field.value = "";
    field.dispatchEvent(new Event("change"));
    field.focus();
  };
  return html`<div class="${fieldKinds(node)} w-field--select" ${styled(kept({ "--high": sizeOf(node.size) }))}>
    <select
      id=${fieldId(stage, name)}
      name=${name}
      aria-label=${nameFor(node, stage)}
      ?disabled=${node.disabled}
      @change=${change}
    >
      <option value="" ?selected=${!chosen} ?hidden=${!node.clearable}>${words(node.placeholder) || strings.choose}</option>
      ${options.map(
        ({ value, label, disabled }) =>
          html`<option value=${words(value)} ?selected=${words(value) === chosen} ?disabled=${disabled}>${words(label)}</option>`,
      )}
    </select>
    ${icon("chevron-right", "16")}
    ${node.clearable && !node.disabled ? html`<button class="icon-button icon-button--small w-field__clear" type="button" aria-label=${strings.clear} @click=${clear}>${icon("x", "16")}</button>` : nothing}
  </div>`;
}
