/**
 * What the assistant asks in the composer's place. Fetched with the first question.
 * @import {Item, Question} from "../types.js"
 * @import {Model} from "./model.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";
import { questionsOf } from "./answers.js";

/** @param {Item} item @param {Model} model */
export function questionForm(item, model) {
  const { strings, questions } = model;
  const { isSending, error } = questions;
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    questions.answer(item, answersOf(fields, questionsOf(item)));
  };
  return html`<form class="ask" aria-label=${strings.questions} @submit=${submit} @input=${chooseOne}>
    <div class="ask__list">${questionsOf(item).map((question) => questionView(question, model))}</div>
    ${error ? html`<p class="field__error" role="alert">${icon("alert", "16")}<span>${error === "noAnswer" ? strings.noAnswer : error.message}</span></p>` : nothing}
    <div class="ask__acts">
      <button class="button button--ghost" type="button" ?disabled=${isSending} @click=${() => questions.skip(item)}>${strings.skip}</button>
      <button class="button button--primary" type="submit" aria-busy=${isSending}>
        ${isSending ? html`<span class="spinner"></span>` : nothing}${strings.answer}
      </button>
    </div>
  </form>`;
}

/** Kinds that are not known are asked as text.
 * @param {Question} question @param {Model} model */
function questionView(question, { strings }) {
  const { id, question: words, description, options = [], multiple = false } = question;
  const name = `value:${id}`;
  if (!options.length) {
    return html`<label class="ask__question">
      <span class="ask__words" dir="auto">${words}</span>
      ${description ? html`<span class="quiet">${description}</span>` : nothing}
      <textarea class="ask__text" rows="2" name=${name}></textarea>
    </label>`;
  }
  return html`<fieldset class="ask__question">
    <legend class="ask__words" dir="auto">${words}${multiple ? html` <span class="quiet">${strings.chooseSeveral}</span>` : nothing}</legend>
    ${options.map(
      ({ value }) => html`<label class="choice">
        <input type=${multiple ? "checkbox" : "radio"} name=${name} value=${value}><span>${value}</span>
      </label>`,
    )}
    <input class="ask__text" type="text" name=${`own:${id}`} autocomplete="off" aria-label=${`${words} ${strings.ownAnswer}`} placeholder=${strings.ownAnswer}>
  </fieldset>`;
}

/** Where one answer is asked for, words of one's own and a choice take each other's place.
 * @param {InputEvent} event */
function chooseOne({ target }) {
  if (!(target instanceof HTMLInputElement)) return;
  const fields = [...(target.closest("fieldset")?.querySelectorAll("input") ?? [])];
  const isOne = fields.some(({ type }) => type === "radio");
  if (!isOne) return;
  if (target.type === "radio") for (const field of fields) if (field.type === "text") field.value = "";
  if (target.type === "text" && target.value.trim()) {
    for (const field of fields) field.checked = false;
  }
}

/** @param {FormData} data @param {Question[]} questions @returns {Record<string, {values: string[], skipped: boolean}>} */
function answersOf(data, questions) {
  return Object.fromEntries(
    questions.map(({ id }) => {
      const given = [...data.getAll(`value:${id}`), ...data.getAll(`own:${id}`)].map(String);
      const values = given.map((value) => value.trim()).filter(Boolean);
      return [id, { values, skipped: values.length === 0 }];
    }),
  );
}
