/**
 * The start of a new conversation: a greeting, the composer, and what could be asked.
 * @import {Model} from "./model.js"
 * @import {Prompt} from "../types.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";
import { composer, disclaimer } from "./composer.js";
import { dockNotice } from "./notice.js";

/** @param {Model} model */
export function start(model) {
  const { greeting, subtitle, prompts = [] } = model.options.startScreen ?? {};
  return html`<div class="start">
    <div class="start__in">
      <div class="start__hi" part="greeting">
        <h2>${greeting ?? model.strings.greeting}</h2>
        ${subtitle ? html`<p>${subtitle}</p>` : nothing}
      </div>
      <div class="dock">${dockNotice(model)}${composer(model)}</div>
      ${prompts.length ? html`<div class="prompts" part="prompts">${prompts.map((prompt) => promptButton(prompt, model))}</div>` : nothing}
      ${disclaimer(model)}
      <slot name="start"></slot>
    </div>
  </div>`;
}

/** @param {Prompt} prompt @param {Model} model */
function promptButton(prompt, { act }) {
  return html`<button class="prompt" part="prompt" type="button" @click=${() => act.sendPrompt(prompt)}>
    ${prompt.icon ? icon(prompt.icon) : nothing}<strong><bdi>${prompt.label}</bdi></strong>
    ${prompt.description ? html`<span>${prompt.description}</span>` : nothing}
  </button>`;
}
