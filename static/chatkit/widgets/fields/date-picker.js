/**
 * A date, chosen from a month.
 * @import {Stage} from "../types.js"
 * @import {Day} from "./calendar.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../../icons.js";
import { styled } from "../styled.js";
import { isRecord, kept, words } from "../values.js";
import { clamped, dateOf, firstDayOf, plusMonths, walked, weeks } from "./calendar.js";
import { fieldId, fieldKinds, sizeOf, target } from "./names.js";
import { openAt } from "./popup.js";

/** @typedef {Record<string, unknown>} Node */
/** @typedef {{from: unknown, value: string, shown: string}} State `shown` is the day that has the focus */

const SIDES = /** @type {const} */ (["bottom", "top", "left", "right"]);
const ALIGNMENTS = /** @type {const} */ (["start", "center", "end"]);

/** @param {Node} node @param {Stage} stage */
export function datePicker(node, stage) {
  const name = words(node.name);
  const id = fieldId(stage, name);
  const state = stateOf(node, stage);
  const { strings, language } = stage.host;
  const isLabelled = stage.labels.has(name);
  const shown = state.value ? format(language, { dateStyle: "medium" }, state.value) : "";
  const side = SIDES.find((known) => known === node.side) ?? "bottom";
  const align = ALIGNMENTS.find((known) => known === node.align) ?? "start";

  const open = (/** @type {Event} */ event) => {
    const field = fieldOf(event);
    if (popupOf(field).matches(":popover-open")) return popupOf(field).hidePopover();
    stage.keep(node, { ...state, shown: state.value || startOf(node) });
    openAt(popupOf(field), field, { side, align });
    focusDay(field);
  };
  const clear = (/** @type {Event} */ event) => {
    const field = fieldOf(event);
    pick(node, stage, field, "");
  };

  return html`<div class="${fieldKinds(node)} w-field--date" ${styled(kept({ "--high": sizeOf(node.size) }))}>
    <button
      class="w-field__value"
      type="button"
      id=${id}
      aria-haspopup="dialog"
      aria-labelledby=${isLabelled ? `${id}-label ${id}` : nothing}
      aria-label=${isLabelled ? shown || words(node.placeholder) || strings.chooseDate : nothing}
      ?disabled=${node.disabled}
      @click=${open}
    >${icon("calendar", "16")}<span class="cut ${shown ? "" : "quiet"}">${shown || words(node.placeholder) || strings.chooseDate}</span></button>
    <input type="hidden" name=${name} .value=${state.value} ?disabled=${node.disabled}>
    ${node.clearable && state.value && !node.disabled ? html`<button class="icon-button icon-button--small w-field__clear" type="button" aria-label=${strings.clear} @click=${clear}>${icon("x", "16")}</button>` : nothing}
    <div class="menu w-calendar" role="dialog" aria-label=${words(node.placeholder) || strings.chooseDate} popover @keydown=${leave}>${month(node, state, stage)}</div>
  </div>`;
}

/** @param {Node} node @param {State} state @param {Stage} stage */
function month(node, state, stage) {
  const { strings, language } = stage.host;
  const firstDay = firstDayOf(language);
  const [min, max] = [dateOf(node.min), dateOf(node.max)];
  const rows = weeks(state.shown, firstDay, min, max);
  const turn = (/** @type {number} */ months) => () =>
    stage.keep(node, { ...state, shown: clamped(plusMonths(state.shown, months), min, max) });
  const walk = (/** @type {KeyboardEvent} */ event) => {
    const field = fieldOf(event);
    const isMirrored = getComputedStyle(field).direction === "rtl";
    const next = walked(state.shown, event, firstDay, isMirrored);
    if (!next) return;
    event.preventDefault();
    stage.keep(node, { ...state, shown: clamped(next, min, max) });
    focusDay(field);
  };
  const [isFirst, isLast] = [
    min !== "" && min.slice(0, 7) >= state.shown.slice(0, 7),
    max !== "" && max.slice(0, 7) <= state.shown.slice(0, 7),
  ];
  return html`<div class="w-calendar__head">
      <button class="icon-button icon-button--small" type="button" aria-label=${strings.previousMonth} ?disabled=${isFirst} @click=${turn(-1)}>${icon("chevron-left", "16")}</button>
      <strong aria-live="polite">${format(language, { month: "long", year: "numeric" }, state.shown)}</strong>
      <button class="icon-button icon-button--small" type="button" aria-label=${strings.nextMonth} ?disabled=${isLast} @click=${turn(1)}>${icon("chevron-right", "16")}</button>
    </div>
    <table class="w-calendar__month" role="grid" @keydown=${walk}>
      <thead>
        <tr>${(rows[0] ?? []).map(({ date }) => html`<th scope="col" abbr=${format(language, { weekday: "long" }, date)}>${format(language, { weekday: "narrow" }, date)}</th>`)}</tr>
      </thead>
      <tbody>
        ${rows.map((days) => html`<tr>${days.map((day) => cell(day, node, state, stage))}</tr>`)}
      </tbody>
    </table>`;
}

/** @param {Day} day @param {Node} node @param {State} state @param {Stage} stage */
function cell({ date, day, isInMonth, isOut }, node, state, stage) {
  const { language } = stage.host;
  const choose = (/** @type {Event} */ event) => pick(node, stage, fieldOf(event), date);
  const kinds = `w-day ${isInMonth ? "" : "w-day--other"} ${date === today() ? "w-day--today" : ""}`;
  return html`<td aria-selected=${date === state.value}>
    <button
      class=${kinds}
      type="button"
      tabindex=${date === state.shown ? "0" : "-1"}
      aria-label=${format(language, { dateStyle: "full" }, date)}
      aria-current=${date === today() ? "date" : nothing}
      ?disabled=${isOut}
      @click=${choose}
    >${format(language, { day: "numeric" }, date).replace(/\D+$/, "") || day}</button>
  </td>`;
}

/** @param {Node} node @param {Stage} stage @param {HTMLElement} field @param {string} value */
function pick(node, stage, field, value) {
  popupOf(field).hidePopover();
  const before = stateOf(node, stage);
  stage.keep(node, { from: node.defaultValue, value, shown: value || before.shown });
  field.querySelector("button")?.focus();
  if (value !== before.value)
    stage.act(node.onChangeAction, { node, element: field, values: [[words(node.name), value]] });
}

/** A new default from the server wins over what was chosen before.
 * @param {Node} node @param {Stage} stage @returns {State} */
function stateOf(node, stage) {
  const known = stage.recall(node);
  if (isRecord(known) && known.from === node.defaultValue) return /** @type {State} */ (known);
  const value = dateOf(node.defaultValue);
  return { from: node.defaultValue, value, shown: value || startOf(node) };
}

/** @param {Node} node */
function startOf({ min, max }) {
  return clamped(today(), dateOf(min), dateOf(max));
}

/** Today where the reader is. */
function today() {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {string} language @param {Intl.DateTimeFormatOptions} how @param {string} date */
function format(language, how, date) {
  const key = `${language} ${JSON.stringify(how)}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(language, { ...how, timeZone: "UTC" });
  formats.set(key, known);
  return known.format(Date.parse(date));
}

/** Escape leads back to the button; a click elsewhere has a place of its own to go to. @param {KeyboardEvent} event */
function leave(event) {
  if (event.key !== "Escape") return;
  event.preventDefault();
  const field = fieldOf(event);
  popupOf(field).hidePopover();
  field.querySelector("button")?.focus();
}

/** @param {Event} event */
function fieldOf(event) {
  return /** @type {HTMLElement} */ (target(event).closest(".w-field"));
}

/** @param {Element} field */
function popupOf(field) {
  return /** @type {HTMLElement} */ (field.querySelector("[popover]"));
}

/** @param {Element} field */
function focusDay(field) {
  const day = field.querySelector(".w-day[tabindex='0']");
  if (day instanceof HTMLElement) day.focus();
}
