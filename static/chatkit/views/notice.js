/**
 * A box that says what happened, what is safe and what to do.
 * @import {Model} from "./model.js"
 * @import {Strings} from "../locales/en.js"
 * @import {Notice, ThreadState} from "../thread.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";
import { answeringStaff, staffState } from "../thread.js";
import { markdown } from "./markdown.js";
import { scrollable } from "./scroll.js";

/** @typedef {{title: string, detail?: string | null, label?: string, act?: () => void, other?: unknown, reference?: string}} Words */

/** Something failed, and can be tried again in place, or taken elsewhere.
 * @param {Words} words */
export function failureNotice({ title, detail, label, act, other, reference }) {
  return html`<div class="notice notice--danger" role="alert">
    ${icon("alert")}
    <div class="notice__text">
      <strong>${title}</strong>
      ${detail ? html`<p>${detail}</p>` : nothing}
      ${
        act || other || reference
          ? html`<div class="notice__acts">
              ${act ? html`<button class="button button--small" type="button" @click=${act}>${icon("again", "16")}${label}</button>` : nothing}
              ${other ?? nothing}
              ${reference ? html`<span class="notice__ref mono">${reference}</span>` : nothing}
            </div>`
          : nothing
      }
    </div>
  </div>`;
}

/** What stands over the composer: no connection, or signed out.
 * @param {Model} model */
export function dockNotice({ session, strings, act }) {
  if (session.signedOut) {
    return rowNotice("lock", strings.signedOut, strings.signedOutDetail, strings.reload, act.reload);
  }
  if (!session.isOffline) return staffNotice(session.state, strings);
  const seconds = session.retryAt ? Math.ceil((session.retryAt - Date.now()) / 1000) : null;
  const next = seconds === null || !session.isOnline ? "" : strings.nextTry(seconds);
  const isCut = session.isOnline && session.state.turns.length > 0;
  const [title, detail] = isCut
    ? [strings.unreachable, strings.unreachableDetail]
    : [session.isOnline ? strings.unreachable : strings.offline, strings.offlineDetail];
  return rowNotice("offline", title, detail, strings.tryNow, act.reconnect, next);
}

/** Who of the staff has the conversation, or that somebody was asked for. @param {ThreadState} state @param {Strings} strings */
function staffNotice(state, strings) {
  const told = staffState(state);
  if (!told || (state.thread?.status && state.thread.status.type !== "active")) return nothing;
  const who = answeringStaff(state)?.name || strings.staff;
  return html`<div class="notice notice--row" role="status">
    ${icon("user")}
    <p class="notice__text"><span>${told === "asked" ? strings.askedDetail : html`<strong>${strings.withStaff(who)}</strong> ${strings.withStaffDetail}`}</span></p>
  </div>`;
}

/** A message of the server that isn't part of the conversation, in Markdown.
 * @param {Notice} notice @param {Strings} strings */
export function serverNotice({ level, title, message }, strings) {
  const kind = level === "danger" || level === "warning" ? level : "info";
  return html`<div class="notice notice--${kind}" role="status">
    ${icon(kind === "info" ? "info" : "alert")}
    <div class="notice__text">${title ? html`<strong>${title}</strong>` : nothing}<div ${markdown(message, false, strings)}></div></div>
  </div>`;
}

/** Where the composer would be, in a conversation that takes no more messages.
 * @param {Model} model */
export function closedNotice({ session, strings, act }) {
  const { type, reason } = session.state.thread?.status ?? {};
  const [title, detail] =
    type === "locked" ? [strings.locked, strings.lockedDetail] : [strings.closed, strings.closedDetail];
  return html`<div class="notice notice--row">
    ${icon("lock")}
    <div class="notice__text" ${scrollable()}><strong>${title}</strong><p>${reason || detail}</p></div>
    <button class="button button--small" type="button" @click=${() => act.openThread(null)}>${strings.newConversation}</button>
  </div>`;
}

/** The countdown is kept from the announcement: it changes every second.
 * @param {string} drawing @param {string} title @param {string} detail @param {string} label @param {() => void} act
 * @param {string} [aside] */
function rowNotice(drawing, title, detail, label, act, aside = "") {
  return html`<div class="notice notice--warning notice--row">
    ${icon(drawing)}
    <div class="notice__text" ${scrollable()}>
      <strong role="status">${title}</strong>
      <p class="num">${detail}${aside ? html` <span aria-live="off">${aside}</span>` : nothing}</p>
    </div>
    <button class="button button--small" type="button" @click=${act}>${label}</button>
  </div>`;
}
