/**
 * A list of our own: the arrows walk through it, and where it is searched what is written narrows it.
 * @import {Stage} from "../types.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../../icons.js";
import { styled } from "../styled.js";
import { isRecord, kept, words } from "../values.js";
import { fieldId, fieldKinds, nameFor, sizeOf, target } from "./names.js";
import { openAt } from "./popup.js";

/** @typedef {Record<string, unknown>} Node */
/** @typedef {{from: unknown, value: string, query: string | null, active: number}} State */

/** @param {Node} node @param {Node[]} options @param {boolean} isSearched @param {Stage} stage */
export function combobox(node, options, isSearched, stage) {
  const name = words(node.name);
  const id = fieldId(stage, name);
  const state = stateOf(node, stage);
  const found = options.filter((option) => matches(option, state.query ?? ""));
  const chosen = options.find(({ value }) => words(value) === state.value);
  const { strings } = stage.host;
  const keep = (/** @type {Partial<State>} */ change) => stage.keep(node, { ...state, ...change });

  const choose = (/** @type {Element} */ element, /** @type {string} */ value) => {
    const field = /** @type {HTMLElement} */ (element.closest(".w-field"));
    popupOf(field).hidePopover();
    keep({ value, query: null, active: -1 });
    field.querySelector("input")?.focus();
    if (value !== state.value)
      stage.act(node.onChangeAction, { node, element: field, values: [[name, value]] });
  };
  const open = (/** @type {Event} */ event) => {
    const field = /** @type {HTMLElement} */ (target(event).closest(".w-field"));
    const popup = popupOf(field);
    popup.style.minWidth = `${field.offsetWidth}px`;
    openAt(popup, field);
  };
  const begin = (/** @type {Event} */ event) => {
    /** @type {HTMLInputElement} */ (target(event)).select();
    open(event);
  };
  const write = (/** @type {Event} */ event) => {
    keep({ query: /** @type {HTMLInputElement} */ (target(event)).value, active: 0 });
    open(event);
  };
  const walk = (/** @type {KeyboardEvent} */ event) => {
    const field = /** @type {HTMLElement} */ (target(event).closest(".w-field"));
    const isOpen = popupOf(field).matches(":popover-open");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!isOpen) open(event);
      const next =
        (Math.max(state.active, step > 0 ? -1 : 0) + step + found.length) % Math.max(found.length, 1);
      keep({ active: isOpen || state.active < 0 ? next : state.active });
      field.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
    } else if ((event.key === "Enter" || (event.key === " " && !isSearched)) && isOpen) {
      event.preventDefault();
      const option = found[state.active];
      if (option && !option.disabled) choose(field, words(option.value));
    } else if (event.key === " " && !isSearched) {
      event.preventDefault();
      open(event);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      popupOf(field).hidePopover();
    }
  };
  const leave = (/** @type {Event} */ event) => {
    const popup = popupOf(/** @type {HTMLElement} */ (target(event).closest(".w-field")));
    if (popup.matches(":popover-open")) popup.hidePopover();
    keep({ query: null, active: -1 });
  };

  return html`<div class="${fieldKinds(node)} w-field--select" ${styled(kept({ "--high": sizeOf(node.size) }))}>
    <input
      id=${id}
      role="combobox"
      autocomplete="off"
      aria-autocomplete=${isSearched ? "list" : "none"}
      ?readonly=${!isSearched}
      aria-expanded="false"
      aria-controls="${id}-list"
      aria-activedescendant=${state.active >= 0 && found[state.active] ? `${id}-${state.active}` : nothing}
      aria-label=${nameFor(node, stage)}
      placeholder=${words(node.placeholder) || strings.choose}
      ?disabled=${node.disabled}
      .value=${state.query ?? words(chosen?.label)}
      @click=${begin}
      @input=${write}
      @keydown=${walk}
      @blur=${leave}
    >
    <input type="hidden" name=${name} .value=${state.value} ?disabled=${node.disabled}>
    ${icon("chevron-right", "16")}
    ${node.clearable && state.value && !node.disabled ? html`<button class="icon-button icon-button--small w-field__clear" type="button" aria-label=${strings.clear} @click=${(/** @type {Event} */ event) => choose(target(event), "")}>${icon("x", "16")}</button>` : nothing}
    <ul class="menu w-options" id="${id}-list" role="listbox" popover="manual" aria-label=${words(node.placeholder) || name} @mousedown=${stay} @toggle=${toggled}>
      ${found.map(
        (option, at) => html`<li
          class="menu__item w-option"
          role="option"
          id="${id}-${at}"
          aria-selected=${at === state.active}
          aria-disabled=${option.disabled ? "true" : nothing}
          @click=${(/** @type {Event} */ event) => (option.disabled ? null : choose(target(event), words(option.value)))}
        ><span><span>${words(option.label)}</span>${words(option.description) ? html`<small>${words(option.description)}</small>` : nothing}</span>${words(option.value) === state.value ? icon("check", "16") : nothing}</li>`,
      )}
      ${found.length ? nothing : html`<li class="w-options__none" role="option" aria-selected="false" aria-disabled="true">${strings.nothingFound}</li>`}
    </ul>
  </div>`;
}

/** A new default from the server wins over what was chosen before. @param {Node} node @param {Stage} stage @returns {State} */
function stateOf(node, stage) {
  const known = stage.recall(node);
  if (isRecord(known) && known.from === node.defaultValue) return /** @type {State} */ (known);
  return { from: node.defaultValue, value: words(node.defaultValue), query: null, active: -1 };
}

/** @param {Node} option @param {string} query */
function matches({ label, description }, query) {
  return `${words(label)} ${words(description)}`.toLowerCase().includes(query.trim().toLowerCase());
}

/** @param {Element} field */
function popupOf(field) {
  return /** @type {HTMLElement} */ (field.querySelector("[popover]"));
}

/** @param {Event} event */
function toggled(event) {
  const isOpen = /** @type {ToggleEvent} */ (event).newState === "open";
  target(event).closest(".w-field")?.querySelector("input")?.setAttribute("aria-expanded", String(isOpen));
}

/** The field keeps the focus while an option is pressed. @param {Event} event */
function stay(event) {
  event.preventDefault();
}
