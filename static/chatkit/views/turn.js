/**
 * A turn: what the person wrote, the steps, the answer, and what can be done with it.
 * @import {Strings} from "../locales/en.js"
 * @import {Sending} from "../outbox.js"
 * @import {Item, UserInput} from "../types.js"
 * @import {Model} from "./model.js"
 */

import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { html, nothing } from "lit/html.js";
import { RequestError } from "../client.js";
import { icon } from "../icons.js";
import { answeringStaff, isClosed, joins, presenceOf, staffOf, staffState, textOf } from "../thread.js";
import { widgetItem } from "../widgets/item.js";
import { answeredQuestions } from "./answers.js";
import { copyText } from "./copy.js";
import { assistantMessage, joined, personMessage, staffMessage } from "./message.js";
import { failureNotice } from "./notice.js";
import { picture } from "./picture.js";
import { isWorking, steps } from "./steps.js";
import { time } from "./time.js";

/** So much of a turn's id finds its conversation. */
const REFERENCE_CHARS = 8;

/** @typedef {{key: string, user: Item | null, parts: Item[]}} Turn */

/** Put items into turns: each message of the person begins one.
 * @param {readonly Item[]} items @returns {Turn[]} */
export function groupTurns(items) {
  /** @type {Turn[]} */
  const turns = [];
  for (const item of items) {
    const last = turns.at(-1);
    if (item.type === "user_message") turns.push({ key: item.id, user: item, parts: [] });
    else if (last) last.parts.push(item);
    else turns.push({ key: item.id, user: null, parts: [item] });
  }
  return turns;
}

/** @param {Turn} turn @param {boolean} isLast @param {Model} model */
export function turnView({ user, parts }, isLast, model) {
  const { session } = model;
  const { isBusy, state } = session;
  const isOpen = isLast && isBusy;
  const drafts = parts.map(({ id }) => state.drafts.has(id));
  const answer = parts.findLast((part) => part.type === "assistant_message" && !staffOf(part));
  const feedback = answer && session.feedbacks.given.get(answer.id);
  const shown = [
    user,
    ...parts,
    ...drafts,
    isLast,
    isOpen,
    isLast && state.failure,
    isLast && isClosed(state),
    feedback,
    model.options,
    model.strings,
  ];
  // What can be done with an answer stands below it, not below the staff that came afterwards.
  const after = answer ? parts.findIndex((part, at) => at > parts.indexOf(answer) && staffOf(part)) : -1;
  const views = (/** @type {number} */ from, /** @type {number} */ to) =>
    repeat(
      parts.slice(from, to),
      ({ id }) => id,
      (part, at) => partView(part, parts[from + at - 1], drafts[from + at] ?? false, model),
    );
  const end = after < 0 ? parts.length : after;
  const content = () => html`
    ${user ? personMessage(user, model) : nothing}
    ${views(0, end)}
    ${answer && !isOpen && !(isLast && state.failure) ? actions(answer, isLast ? user : null, parts, model) : nothing}
    ${views(end, parts.length)}
  `;
  return html`<section class="turn" part="turn">
    ${guard(shown, content)}
    ${isLast ? outcome(parts, model) : nothing}
  </section>`;
}

/** What was sent and isn't in the thread yet.
 * @param {Sending} sending @param {Model} model */
export function sendingView(sending, model) {
  const { strings, session, act } = model;
  const { input } = /** @type {{input?: UserInput}} */ (sending.params);
  const message = {
    content: sending.content ?? [],
    attachments: [...(sending.attachments ?? [])],
    quoted_text: input?.quoted_text ?? null,
  };
  const isWaiting = sending.status !== "failed";
  if (sending.status === "sending") {
    return html`<section class="turn" part="turn">${personMessage(message, model)}${session.state.turns.length ? nothing : working(strings.sending)}</section>`;
  }
  return html`<section class="turn" part="turn">
    ${personMessage(message, model, "bubble bubble--waiting")}
    <p class="bubble__note">
      ${icon(isWaiting ? "clock" : "alert", "16")}${isWaiting ? strings.waitingToBeSent : strings.notSent}
      <button class="icon-button icon-button--small" type="button" aria-label=${strings.deleteMessage} @click=${() => act.discard(sending)}>${icon("x", "16")}</button>
    </p>
    ${isWaiting ? nothing : refusal(sending, strings, () => act.resend(sending))}
  </section>`;
}

/** @param {Sending} sending @param {Strings} strings @param {() => void} act */
function refusal({ error }, strings, act) {
  const isOurFault = error instanceof RequestError && error.status >= 500 && error.requestId;
  return failureNotice({
    title: strings.notSentTitle,
    detail: error?.message ?? "",
    label: strings.tryAgain,
    act,
    ...(isOurFault && { reference: strings.reference(error.requestId) }),
  });
}

/** A kind of item that is not known shows nothing.
 * @param {Item} item @param {Item | undefined} before @param {boolean} isDraft @param {Model} model */
function partView(item, before, isDraft, model) {
  switch (item.type) {
    case "assistant_message":
      return saidView(item, before, isDraft, model);
    case "widget":
      return widgetItem(item, isDraft, model);
    case "generated_image":
      return picture(item, isDraft, model);
    case "structured_input":
      return answeredQuestions(item, model);
    case "workflow":
    case "task":
      return steps(item, isDraft, model);
    default:
      return nothing;
  }
}

/** @param {Item} item @param {Item | undefined} before @param {boolean} isDraft @param {Model} model */
function saidView(item, before, isDraft, model) {
  if (presenceOf(item)) return joined(item, model);
  if (!staffOf(item)) return assistantMessage(item, isDraft, model);
  const isFirst = !before || !staffOf(before) || presenceOf(before) !== null;
  const comes = joins(item, model.session.state) ? joined(item, model) : nothing;
  return html`${comes}${staffMessage(item, isFirst, isDraft, model)}`;
}

/** An earlier message isn't answered again: what came after it would be lost.
 * @param {Item} answer @param {Item | null} user of the last turn @param {Item[]} parts @param {Model} model */
function actions(answer, user, parts, { strings, language, options, session, act }) {
  const { feedback = false, retry = false } = options.threadItemActions ?? {};
  const text = () =>
    parts
      .filter((part) => part.copy_text || (part.type === "assistant_message" && !staffOf(part)))
      .map((part) => part.copy_text || textOf(part))
      .join("\n\n");
  const given = session.feedbacks.given.get(answer.id);
  return html`<div class="acts" part="actions">
    <button class="icon-button icon-button--small" part="copy" type="button" @click=${copyText(text, strings)}>
      ${icon("copy", "16")}<span class="unseen" aria-live="polite">${strings.copy}</span>
    </button>
    ${
      feedback
        ? html`<button class="icon-button icon-button--small" type="button" aria-label=${strings.goodAnswer} aria-pressed=${given === "positive"} @click=${() => act.giveFeedback(answer.id, "positive")}>${icon("good", "16")}</button>
          <button class="icon-button icon-button--small" type="button" aria-label=${strings.badAnswer} aria-pressed=${given === "negative"} @click=${() => act.giveFeedback(answer.id, "negative")}>${icon("bad", "16")}</button>`
        : nothing
    }
    ${
      retry && user && !session.isBusy && !isClosed(session.state)
        ? html`<button class="icon-button icon-button--small" type="button" aria-label=${strings.answerAgain} @click=${() => act.retry(user.id)}>${icon("again", "16")}</button>`
        : nothing
    }
    ${answer.created_at ? time(answer.created_at, language) : nothing}
  </div>`;
}

/** The end of the last turn: still at work, or failed, or without any reply.
 * @param {Item[]} parts @param {Model} model */
function outcome(parts, { options, strings, session, tools, act }) {
  const { state } = session;
  const last = parts.at(-1);
  if (session.isBusy || tools.running) {
    const isShowing =
      last &&
      !state.progress &&
      (isWorking(last) ||
        isBeingMade(last, state.drafts) ||
        (state.drafts.has(last.id) && textOf(last).trim()));
    return isShowing || session.sendings.some(({ content }) => content)
      ? nothing
      : working(state.progress?.text ?? strings.working, state.progress?.icon);
  }
  if (state.failure) {
    const { message, code, allowRetry, turnId } = state.failure;
    const isOpen = !isClosed(state);
    const detail =
      message ?? (code === "connection" ? strings.connectionFailedDetail : strings.replyFailedDetail);
    const title = parts.some((part) => !presenceOf(part) && textOf(part).trim())
      ? strings.replyStopped
      : strings.replyFailed;
    return failureNotice({
      title,
      detail,
      ...(allowRetry && isOpen && { label: strings.tryAgain, act: () => act.retry() }),
      ...(options.live?.askForStaff &&
        isOpen &&
        !staffState(state) && {
          other: html`<button class="button button--small button--ghost" type="button" @click=${act.askForStaff}>${strings.askForStaff}</button>`,
        }),
      ...(turnId && { reference: strings.reference(turnId.slice(-REFERENCE_CHARS)) }),
    });
  }
  if (parts.length || session.sendings.length || answeringStaff(state) || isClosed(state)) return nothing;
  return html`<p class="writing">
    ${strings.noReply}
    <button class="button button--small button--ghost" type="button" @click=${() => act.retry()}>
      ${icon("again", "16")}${strings.tryAgain}
    </button>
  </p>`;
}

/** @param {Item} item @param {ReadonlySet<string>} drafts */
function isBeingMade(item, drafts) {
  return drafts.has(item.id) && (item.type === "generated_image" || isWorking(item));
}

/** @param {string} words @param {string | null} [drawing] */
function working(words, drawing) {
  return html`<p class="writing"><span class="spinner"></span>${drawing ? icon(drawing, "16") : nothing}${words}</p>`;
}
