/**
 * The list of conversations, by date. Wide, it stands beside the thread; narrow, it is a sheet.
 * @import {Group} from "../threads.js"
 * @import {Thread} from "../types.js"
 * @import {Model} from "./model.js"
 */

import { repeat } from "lit/directives/repeat.js";
import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";
import { groupByDate } from "../threads.js";
import { later } from "./later.js";
import { choose, menuToggled, openMenu } from "./menu.js";

const finding = later(() => import("./search.js"));

/** @param {Model} model */
export function rail(model) {
  const { options, strings, search, act } = model;
  const view = options.history?.search ? finding(model) : null;
  return html`<nav class="rail" part="history" aria-label=${strings.conversations}>
    <button class="button button--wide" type="button" @click=${() => act.openThread(null)}>${icon("plus", "16")}${strings.newConversation}</button>
    ${view ? view.searchField(model) : nothing}
    <div class="rail__list">${view && search.query ? view.foundList(model) : all(model)}</div>
  </nav>`;
}

/** @param {Model} model */
function all(model) {
  const { strings, list, act } = model;
  const groups = groupByDate(list.threads, new Date());
  return html`${groups.map((group) => groupView(group, model))}
    ${list.hasMore ? html`<button class="button button--small button--ghost button--wide" type="button" @click=${act.showMoreThreads}>${strings.showMore}</button>` : nothing}
    ${groups.length ? nothing : empty(model)}`;
}

/** @param {Model} model */
function empty({ list, strings, act }) {
  if (list.status === "loaded") return html`<p class="rail__empty">${strings.noConversations}</p>`;
  if (list.status !== "failed") return nothing;
  return html`<div class="rail__empty">
    <p>${strings.listFailed}</p>
    <button class="button button--small" type="button" @click=${act.reloadThreads}>${strings.tryAgain}</button>
  </div>`;
}

/** @param {Group} group @param {Model} model */
function groupView(group, model) {
  return html`<h2 class="rail__group">${groupName(group, model)}</h2>
    <ul>
      ${repeat(
        group.threads,
        ({ id }) => id,
        (thread) => row(thread, model),
      )}
    </ul>`;
}

/** @param {Group} group @param {Model} model */
function groupName(group, { strings, language }) {
  const now = new Date();
  const monthOf = (/** @type {Date} */ date) => date.toLocaleString(language, { month: "long" });
  if (group.key === "today") return strings.today;
  if (group.key === "week") return strings.thisWeek;
  if (group.key === "month") return strings.earlierIn(monthOf(now));
  const isThisYear = group.month.getFullYear() === now.getFullYear();
  return isThisYear
    ? monthOf(group.month)
    : group.month.toLocaleString(language, { month: "long", year: "numeric" });
}

/** @param {Thread} thread @param {Model} model */
function row(thread, model) {
  const { list, session, strings, options, overlays, act } = model;
  const title = thread.title || strings.untitled;
  const isNew = list.unread.has(thread.id);
  const { showRename = true, showDelete = true } = options.history ?? {};
  return html`<li class="rail__row">
    <button class="rail__item ${isNew ? "rail__item--new" : ""}" type="button" aria-current=${thread.id === session.threadId} title=${title} @click=${() => act.openThread(thread.id)}>
      <span class="cut" dir="auto">${title}</span>
      ${isNew ? html`<span class="rail__dot" role="img" aria-label=${strings.unread}></span>` : nothing}
    </button>
    ${
      showRename || showDelete
        ? html`<button class="icon-button icon-button--small rail__more" type="button" aria-label=${strings.actionsFor(title)} aria-expanded="false" @click=${openMenu}>${icon("more")}</button>
          <div class="menu" popover @toggle=${menuToggled}>
            ${showRename ? html`<button class="menu__item" type="button" @click=${choose(() => overlays.ask("rename", thread))}>${icon("pen", "16")}${strings.rename}</button>` : nothing}
            ${showDelete ? html`<button class="menu__item menu__item--danger" type="button" @click=${choose(() => overlays.ask("delete", thread))}>${icon("bin", "16")}${strings.delete}</button>` : nothing}
          </div>`
        : nothing
    }
  </li>`;
}
