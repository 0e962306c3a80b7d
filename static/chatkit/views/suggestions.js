/**
 * The list that `@` and `/` open above the text. The focus stays in the text, which names the active one.
 * @import {Suggestion, Suggestions} from "../suggestions.js"
 * @import {Model} from "./model.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";

/** @param {Model} model */
export function suggestionList({ strings, composing: { suggestions } }) {
  const { asked, found, isLoading, active } = suggestions;
  if (!asked) return nothing;
  const name = asked.kind === "@" ? strings.mentions : strings.commands;
  return html`<div class="suggestions" @pointerdown=${(/** @type {Event} */ event) => event.preventDefault()}>
    <div id="suggestions" role="listbox" aria-label=${name}>${groupsOf(found).map(group)}</div>
    ${found.length ? nothing : html`<p class="suggestions__empty">${isLoading ? html`<span class="spinner"></span>` : nothing}${isLoading ? strings.searching : strings.nothingFound}</p>`}
    <p class="unseen" role="status">${isLoading ? nothing : strings.suggestionCount(found.length)}</p>
  </div>`;

  /** @param {{name: string, from: number, members: readonly Suggestion[]}} group */
  function group({ name, from, members }) {
    const options = members.map((suggestion, at) => option(suggestion, from + at));
    if (!name) return options;
    return html`<div role="group" aria-label=${name}><p class="suggestions__group" aria-hidden="true">${name}</p>${options}</div>`;
  }

  /** @param {Suggestion} suggestion @param {number} at */
  function option({ label, description, icon: drawing }, at) {
    return html`<div class="suggestion" role="option" id=${`suggestion-${at}`} aria-selected=${at === active} @click=${() => suggestions.choose(at)}>
      ${drawing ? icon(drawing) : nothing}<span class="suggestion__text"><span class="cut">${label}</span>${description ? html`<span class="suggestion__about quiet cut">${description}</span>` : nothing}</span>
    </div>`;
  }
}

/** Take the keys that steer an open list; tells whether this was one.
 * @param {KeyboardEvent} event @param {Suggestions} suggestions */
export function suggestionKeys(event, suggestions) {
  if (!suggestions.isOpen) return false;
  switch (event.key) {
    case "ArrowDown":
    case "ArrowUp":
      suggestions.move(event.key === "ArrowDown" ? 1 : -1);
      showActive(event.target, suggestions.active);
      break;
    case "Enter":
    case "Tab":
      if (event.shiftKey || !suggestions.choose()) return false;
      break;
    case "Escape":
      suggestions.dismiss();
      break;
    default:
      return false;
  }
  event.preventDefault();
  event.stopPropagation();
  return true;
}

/** @param {EventTarget | null} field @param {number} active */
function showActive(field, active) {
  const root = field instanceof Element ? field.getRootNode() : null;
  if (root instanceof ShadowRoot)
    root.getElementById(`suggestion-${active}`)?.scrollIntoView({ block: "nearest" });
}

/** @param {readonly Suggestion[]} found sorted by group */
function groupsOf(found) {
  /** @type {{name: string, from: number, members: Suggestion[]}[]} */
  const groups = [];
  for (const [at, suggestion] of found.entries()) {
    const name = suggestion.group ?? "";
    const last = groups.at(-1);
    if (last?.name === name) last.members.push(suggestion);
    else groups.push({ name, from: at, members: [suggestion] });
  }
  return groups;
}
