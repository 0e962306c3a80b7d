/**
 * Rows, one beneath the other; a row may be one large button.
 * @import {Stage} from "./types.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";
import { status } from "./card.js";
import { themeOf } from "./layout.js";
import { mark } from "./marks.js";
import { actionOf } from "./payload.js";
import { styled } from "./styled.js";
import * as values from "./values.js";

/** @typedef {Record<string, unknown>} Node */

/** How many rows a list shows that decides by itself, and how few more aren't worth a button. */
const AUTO_LIMIT = 6;
const NOT_WORTH_HIDING = 1;

/** @param {Node} node @param {Stage} stage */
export function listView(node, stage) {
  const rows = [node.children ?? []].flat();
  const limit = node.limit === "auto" ? AUTO_LIMIT : (values.number(node.limit) ?? rows.length);
  const isCut = rows.length > limit + (node.limit === "auto" ? NOT_WORTH_HIDING : 0) && !stage.recall(node);
  const shown = isCut ? rows.slice(0, limit) : rows;
  return html`<div class="w-list" data-theme=${themeOf(node)}>
    ${status(node.status, stage)}
    <ul class="w-list__rows">${stage.children(shown, (row) => html`<li>${row}</li>`)}</ul>
    ${isCut ? more(node, rows.length - limit, stage) : nothing}
  </div>`;
}

/** The button goes away: on to the first row that it brought. @param {Node} node @param {number} hidden @param {Stage} stage */
function more(node, hidden, stage) {
  const show = (/** @type {MouseEvent} */ { currentTarget }) => {
    const list = /** @type {Element} */ (currentTarget).previousElementSibling;
    const at = list?.childElementCount ?? 0;
    stage.keep(node, true);
    const next = list?.children[at];
    if (!(next instanceof HTMLElement)) return;
    const target = next.querySelector("button, input, select, textarea");
    if (target instanceof HTMLElement) target.focus();
    else {
      next.tabIndex = -1;
      next.focus();
    }
  };
  return html`<button class="w-list__more" type="button" @click=${show}>${icon("down", "16")}${stage.host.strings.showMoreRows(hidden)}</button>`;
}

/** The button lies over the row, under what can be pressed in it. @param {Node} node @param {Stage} stage */
export function listViewItem(node, stage) {
  const act = (/** @type {MouseEvent} */ { currentTarget }) =>
    stage.act(node.onClickAction, { node, element: /** @type {Element} */ (currentTarget) });
  const isBusy = stage.isBusy(node);
  const canAct = actionOf(node.onClickAction) !== null;
  const { gap, align } = node;
  return html`<div class="w-list__row ${canAct ? "w-list__row--acts" : ""}" aria-busy=${isBusy ? "true" : nothing}>
    ${canAct ? html`<button class="w-list__hit" type="button" aria-label=${spoken(node.children) || stage.host.strings.open} @click=${act}></button>` : nothing}
    <div class="w-list__in" ${styled(values.box({ gap, align }))}>${stage.children(node.children)}</div>
    ${isBusy ? html`<span class="spinner"></span>` : nothing}
    ${canAct && !isBusy && !hasButton(node.children) ? html`<span class="w-list__go">${mark("chevron-right", "16")}</span>` : nothing}
  </div>`;
}

/** A row with a button of its own needs no sign that it can be pressed.
 * @param {unknown} nodes @returns {boolean} */
function hasButton(nodes) {
  return [nodes]
    .flat()
    .filter(values.isRecord)
    .some((node) => node.type === "Button" || hasButton(node.children));
}

/** All words of a row, as they are read. @param {unknown} nodes @returns {string} */
function spoken(nodes) {
  return [nodes]
    .flat()
    .filter(values.isRecord)
    .map((node) =>
      node.type === "Button"
        ? ""
        : values.words(node.value) ||
          values.words(node.label) ||
          values.words(node.alt) ||
          spoken(node.children),
    )
    .filter(Boolean)
    .join(", ");
}
