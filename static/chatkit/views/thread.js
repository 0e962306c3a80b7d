/**
 * The open conversation, from its first shown message to the composer.
 * @import {Item} from "../types.js"
 * @import {Model} from "./model.js"
 */

import { guard } from "lit/directives/guard.js";
import { keyed } from "lit/directives/keyed.js";
import { repeat } from "lit/directives/repeat.js";
import { html, nothing } from "lit/html.js";
import { RequestError } from "../client.js";
import { icon } from "../icons.js";
import { pendingQuestions } from "../thread.js";
import { composer } from "./composer.js";
import { closedNotice, dockNotice, serverNotice } from "./notice.js";
import { questionForm } from "./questions.js";
import { quoteButton } from "./quote.js";
import { groupTurns, sendingView, turnView } from "./turn.js";

/** @param {Model} model */
export function thread(model) {
  const { session, ui, strings, act } = model;
  if (session.loadError && (!session.state.items.length || isUnknown(session.loadError)))
    return loadFailed(model, session.loadError);
  if (session.loading && !session.state.items.length) return loading(model);
  const status = session.state.thread?.status;
  const isClosed = status && status.type !== "active";
  return html`
    <div class="chat__scroll" role="log" aria-live="off" aria-label=${strings.conversation} tabindex="0" @scroll=${act.scrolled}>
      ${log(model)}
    </div>
    <div class="dock">
      ${
        ui.isScrolledUp
          ? html`<button class="icon-button chat__down" type="button" aria-label=${strings.latest} @click=${act.goToLatest}>${icon("down")}</button>`
          : nothing
      }
      ${quoteButton(model)}${dockNotice(model)}${isClosed ? closedNotice(model, status) : writing(model)}
    </div>
  `;
}

/** The composer; or what the assistant asks, in its place.
 * @param {Model} model */
function writing(model) {
  const questions =
    model.session.isBusy && !model.questions.isSending ? null : pendingQuestions(model.session.state);
  return questions ? keyed(questions.id, questionForm(questions, model)) : composer(model);
}

/** While a reply streams only its own turn is looked at: the others are guarded as one.
 * @param {Model} model */
function log(model) {
  const { session, strings, options, act } = model;
  const { items, drafts, notices, earlier } = session.state;
  const turns = groupTurns(items);
  const last = turns.at(-1);
  const settled = turns.slice(0, -1);
  const settledItems = last
    ? items.slice(0, items.indexOf(last.user ?? /** @type {Item} */ (last.parts[0])))
    : [];
  const sendings = session.sendings.filter(({ content }) => content);
  const shown = [...settledItems, drafts, session.feedbacks, session.isBusy, options, strings];
  return html`<div class="thread" part="thread" @click=${act.followLink}>
    ${earlier ? html`<button class="button button--small thread__earlier" type="button" @click=${act.showEarlier}>${strings.earlier}</button>` : nothing}
    ${guard(shown, () => repeat(settled, keyOf, (turn) => turnView(turn, false, model)))}
    ${last ? keyed(last.key, turnView(last, !sendings.length, model)) : nothing}
    ${repeat(
      sendings,
      ({ key }) => key,
      (sending) => sendingView(sending, model),
    )}
    ${notices.map(serverNotice)}
  </div>`;
}

/** @param {{key: string}} thing */
const keyOf = ({ key }) => key;

/** @param {Model} model */
function loading({ strings }) {
  return html`<div class="centre centre--soon" role="status"><span class="spinner"></span><p>${strings.loading}</p></div>`;
}

/** @param {Error} error */
const isUnknown = (error) => error instanceof RequestError && error.status === 404;

/** @param {Model} model @param {Error} error */
function loadFailed({ strings, act }, error) {
  if (isUnknown(error)) {
    return html`<div class="centre" role="alert">
      <h2>${strings.notFound}</h2>
      <p>${strings.notFoundDetail}</p>
      <button class="button button--primary" type="button" @click=${() => act.openThread(null)}>${strings.newConversation}</button>
    </div>`;
  }
  return html`<div class="centre" role="alert">
    <h2>${strings.loadFailed}</h2>
    <p>${error instanceof RequestError ? error.message : strings.loadFailedDetail}</p>
    <button class="button" type="button" @click=${act.reconnect}>${icon("again", "16")}${strings.tryAgain}</button>
  </div>`;
}
