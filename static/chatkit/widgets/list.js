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
const PASSIVE = new Set(
  "Badge Box Caption Col Divider Icon Image Row Spacer Text Title Transition".split(" "),
);

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

/** A row that acts is a button. Where something in it can be pressed too, the button lies over the row, and under that.
 * @param {Node} node @param {Stage} stage */
export function listViewItem(node, stage) {
  const act = (/** @type {MouseEvent} */ { currentTarget }) =>
    stage.act(node.onClickAction, { node, element: /** @type {Element} */ (currentTarget) });
  const busy = stage.isBusy(node) ? "true" : nothing;
  const words = spoken(node.children);
  const { open } = stage.host.strings;
  const parts = rowParts(node, stage);
  if (!actionOf(node.onClickAction)) return html`<div class="w-list__row" aria-busy=${busy}>${parts}</div>`;
  if (isPassive(node.children))
    return html`<button class="w-list__row w-list__row--acts w-list__row--whole" type="button" aria-label=${words ? nothing : open} aria-busy=${busy} @click=${act}>${parts}</button>`;
  return html`<div class="w-list__row w-list__row--acts" aria-busy=${busy}>
    <button class="w-list__hit" type="button" aria-label=${words || open} @click=${act}></button>${parts}
  </div>`;
}

/** @param {Node} node @param {Stage} stage */
function rowParts(node, stage) {
  const { gap, align } = node;
  const isBusy = stage.isBusy(node);
  const goesOn = actionOf(node.onClickAction) && !isBusy && !hasButton(node.children);
  return html`<div class="w-list__in" ${styled(values.box({ gap, align }))}>${stage.children(node.children)}</div>
    ${isBusy ? html`<span class="spinner"></span>` : nothing}
    ${goesOn ? html`<span class="w-list__go">${mark("chevron-right", "16")}</span>` : nothing}`;
}

/** Whether nothing among them can be pressed or written in. @param {unknown} nodes @returns {boolean} */
function isPassive(nodes) {
  return [nodes]
    .flat()
    .filter(values.isRecord)
    .every((node) => PASSIVE.has(values.words(node.type)) && !node.editable && isPassive(node.children));
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
