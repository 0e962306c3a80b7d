/**
 * The whole element: header, rail, and the conversation.
 * @import {Model} from "./model.js"
 */

import { repeat } from "lit/directives/repeat.js";
import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";
import { dialogs } from "./dialogs.js";
import { rail } from "./rail.js";
import { start } from "./start.js";
import { thread } from "./thread.js";

/** @param {Model} model */
export function chat(model) {
  const { options, session, strings, language, direction } = model;
  const hasRail = options.history?.enabled ?? true;
  const isStart = !session.threadId && !session.sendings.length;
  return html`<div class="root" lang=${language} dir=${direction}>
    <div class="frame ${hasRail ? "frame--rail" : ""}">
      ${options.header?.enabled === false ? nothing : header(model, hasRail)}
      ${hasRail ? rail(model) : nothing}
      <section class="chat" aria-label=${options.frameTitle ?? strings.chat}>${isStart ? start(model) : thread(model)}</section>
    </div>
    ${dialogs(model)}
    <div class="unseen" role="status" aria-live="polite">
      ${repeat(
        model.said,
        ({ key }) => key,
        ({ text }) => html`<p>${text}</p>`,
      )}
    </div>
  </div>`;
}

/** @param {Model} model @param {boolean} hasRail */
function header({ options, session, strings, act }, hasRail) {
  const { title, leftAction, rightAction } = options.header ?? {};
  const shown = title?.text ?? session.state.thread?.title ?? strings.newConversation;
  return html`<header class="head" part="header">
    ${hasRail ? button("menu", strings.conversations, act.showSheet, "narrow-only") : nothing}
    ${leftAction ? button(leftAction.icon, labelOf(leftAction), leftAction.onClick) : nothing}
    <span class="head__title cut" dir="auto">${title?.enabled === false ? nothing : shown}</span>
    ${rightAction ? button(rightAction.icon, labelOf(rightAction), rightAction.onClick) : nothing}
  </header>`;
}

/** @param {string} drawing @param {string} label @param {() => void} act @param {string} [kind] */
function button(drawing, label, act, kind = "") {
  return html`<button class="icon-button ${kind}" type="button" aria-label=${label} @click=${act}>${icon(drawing)}</button>`;
}

/** A button of the page's own has the name that the page gives it, or that of its drawing.
 * @param {{icon: string, label?: string}} action */
function labelOf({ icon: name, label }) {
  return label ?? name.replaceAll("-", " ");
}
