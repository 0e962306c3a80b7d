/**
 * The search over the list of conversations, and what it found in place of the list.
 * @import {FoundThread} from "../types.js"
 * @import {Model} from "./model.js"
 */

import { repeat } from "lit/directives/repeat.js";
import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";

/** @param {Model} model */
export function searchField({ search, strings }) {
  if (!search.isOn) return nothing;
  const look = (/** @type {InputEvent} */ { currentTarget }) => {
    if (currentTarget instanceof HTMLInputElement) search.look(currentTarget.value);
  };
  return html`<div class="field__box rail__search" role="search">
    ${icon("search", "16")}
    <input type="search" enterkeyhint="search" autocomplete="off" aria-label=${strings.search} aria-keyshortcuts="/" placeholder=${strings.search} .value=${search.query} @input=${look}>
    <kbd class="rail__key" aria-hidden="true">/</kbd>
  </div>`;
}

/** @param {Model} model */
export function foundList(model) {
  const { search, strings } = model;
  const said = { looking: strings.lookingFor, failed: strings.searchFailed, idle: "" }[search.status];
  const words = said || (search.found.length ? "" : strings.noneFound);
  return html`<ul aria-label=${strings.found}>
      ${repeat(
        search.found,
        ({ threadId }) => threadId,
        (found) => foundRow(found, model),
      )}
    </ul>
    <p class="rail__empty" role="status">${words}</p>`;
}

/** @param {FoundThread} found @param {Model} model */
function foundRow({ threadId, title, snippet }, { session, strings, act }) {
  return html`<li class="rail__row">
    <button class="rail__item rail__item--found" type="button" aria-current=${threadId === session.threadId} @click=${() => act.openThread(threadId)}>
      <span class="cut" dir="auto">${title || strings.untitled}</span>
      ${snippet ? html`<span class="rail__snippet">${snippet.map(({ text, isMatch }) => (isMatch ? html`<mark>${text}</mark>` : text))}</span>` : nothing}
    </button>
  </li>`;
}
