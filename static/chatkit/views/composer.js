/**
 * Where a message is written: it grows with its text, and Stop takes Send's place.
 * @import {Model} from "./model.js"
 */

import { live } from "lit/directives/live.js";
import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";

/** @param {Model} model */
export function composer(model) {
  const { strings, options, session, ui } = model;
  const own = (!session.threadId && options.startScreen?.placeholder) || options.composer?.placeholder;
  const placeholder = session.isBusy ? strings.placeholderWhileBusy : (own ?? strings.placeholder);
  return html`<form class="composer" @submit=${submit(model)} @click=${focusText}>
    <textarea
      class="composer__text"
      rows="1"
      enterkeyhint="send"
      aria-label=${strings.message}
      placeholder=${placeholder}
      .value=${live(ui.text)}
      @input=${(/** @type {InputEvent} */ event) => write(event, model)}
      @keydown=${(/** @type {KeyboardEvent} */ event) => keyed(event)}
    ></textarea>
    <div class="composer__row">${session.canStop ? stopButton(model) : sendButton(model)}</div>
  </form>
  ${
    options.disclaimer && session.threadId
      ? html`<p class="dock__small ${options.disclaimer.highContrast ? "dock__small--strong" : ""}">${options.disclaimer.text}</p>`
      : nothing
  }`;

  /** @param {InputEvent} event @param {Model} model */
  function write({ currentTarget }, { act }) {
    if (!(currentTarget instanceof HTMLTextAreaElement)) return;
    act.write(currentTarget.value);
    growToText(currentTarget);
  }
}

/** @param {Model} model */
function sendButton({ strings, ui }) {
  return html`<button class="send" type="submit" aria-label=${strings.send} ?disabled=${!ui.text.trim()}>${icon("up")}</button>`;
}

/** @param {Model} model */
function stopButton({ strings, ui, act }) {
  return html`<button class="send send--stop" type="button" aria-busy=${ui.isStopping} @click=${act.stop}>
    ${ui.isStopping ? html`<span class="spinner"></span>${strings.stopping}` : html`${icon("stop", "fill")}${strings.stop}`}
  </button>`;
}

/** @param {Model} model @returns {(event: SubmitEvent) => void} */
function submit({ act }) {
  return (event) => {
    event.preventDefault();
    act.send();
  };
}

/** Enter sends; Shift and Enter, and the Enter that accepts an input method's word, write.
 * @param {KeyboardEvent} event */
function keyed(event) {
  if (
    event.key !== "Enter" ||
    event.shiftKey ||
    event.isComposing ||
    !(event.target instanceof HTMLTextAreaElement)
  )
    return;
  event.preventDefault();
  event.target.form?.requestSubmit();
}

/** A click anywhere in the box goes to the text.
 * @param {MouseEvent} event */
function focusText({ target, currentTarget }) {
  if (!(currentTarget instanceof HTMLElement) || (target instanceof Element && target.closest("button")))
    return;
  currentTarget.querySelector("textarea")?.focus();
}

/** Where the browser can't size a field by its content. @param {HTMLTextAreaElement} field */
export function growToText(field) {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.blockSize = "auto";
  field.style.blockSize = `${field.scrollHeight}px`;
}
