/**
 * The buttons' place while somebody speaks: give up, how long it has been, and done.
 * @import {Dictation} from "../dictation.js"
 * @import {Model} from "./model.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";

/** @param {Dictation} dictation @param {Model} model */
export function dictationRow(dictation, { strings, language }) {
  const { status, startedAt } = dictation;
  const isRecording = status === "recording";
  const words = {
    idle: "",
    starting: strings.microphoneStarts,
    recording: strings.listening,
    writing: strings.writingDown,
  }[status];
  const seconds = isRecording ? Math.floor((Date.now() - startedAt) / 1000) : 0;
  return html`<div class="composer__row composer__row--speech">
    <button class="icon-button" type="button" aria-label=${strings.cancelDictation} @click=${() => dictation.cancel()}>${icon("x")}</button>
    <span class="speech">
      ${isRecording ? html`<span class="speech__dot"></span>` : html`<span class="spinner"></span>`}
      <span role="status">${words}</span>
      ${isRecording ? html`<span class="num quiet" aria-live="off">${clock(seconds, language)}</span>` : nothing}
    </span>
    <button class="send" type="button" aria-label=${strings.finishDictation} aria-disabled=${!isRecording} @click=${() => dictation.finish()}>${icon("check")}</button>
  </div>`;
}

/** @param {number} seconds @param {string} language */
function clock(seconds, language) {
  const two = new Intl.NumberFormat(language, { minimumIntegerDigits: 2 });
  return `${new Intl.NumberFormat(language).format(Math.floor(seconds / 60))}:${two.format(seconds % 60)}`;
}
