/**
 * The open conversation, from its first shown message to the composer.
 * @import {Model} from "./model.js"
 */

import { keyed } from "lit/directives/keyed.js";
import { html, nothing } from "lit/html.js";
import { RequestError } from "../client.js";
import { icon } from "../icons.js";
import { isClosed, pendingQuestions } from "../thread.js";
import { composer, disclaimer } from "./composer.js";
import { later } from "./later.js";
import { log } from "./log.js";
import { closedNotice, dockNotice } from "./notice.js";
import { previewCard } from "./preview.js";
import { quoteButton } from "./quote.js";

const asking = later(() => import("./questions.js"));

/** @param {Model} model */
export function thread(model) {
  const { session, ui, strings, act } = model;
  const { error, isLoading } = session.reading;
  if (error && (!session.state.items.length || isUnknown(error))) return loadFailed(model, error);
  if (isLoading && !session.state.items.length) return loading(model);
  return html`
    <h2 class="unseen">${strings.conversation}</h2>
    <div class="chat__scroll" role="log" aria-live="off" aria-label=${strings.conversation} tabindex="0" @scroll=${act.scrolled}>
      ${log(model)}
    </div>
    <div class="dock">
      ${
        ui.isScrolledUp
          ? html`<button class="icon-button chat__down" type="button" aria-label=${strings.latest} @click=${act.goToLatest}>${icon("down")}</button>`
          : nothing
      }
      ${quoteButton(model)}${previewCard(model)}${dockNotice(model)}${isClosed(session.state) ? closedNotice(model) : writing(model)}
    </div>
  `;
}

/** The composer; or what the assistant asks, in its place.
 * @param {Model} model */
function writing(model) {
  const questions =
    model.session.isBusy && !model.questions.isSending ? null : pendingQuestions(model.session.state);
  const view = questions && asking(model);
  return view
    ? keyed(questions.id, view.questionForm(questions, model))
    : html`${composer(model)}${disclaimer(model)}`;
}

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
