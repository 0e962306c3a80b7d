/**
 * Files that wait in the composer, each with its progress and a way out.
 * @import {Upload} from "../uploads.js"
 * @import {Model} from "./model.js"
 */

import { repeat } from "lit/directives/repeat.js";
import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";
import { fileName, sizeText } from "./files.js";

/** @param {readonly Upload[]} uploads @param {Model} model */
export function waitingFiles(uploads, { strings, composing, language }) {
  if (!uploads.length) return nothing;
  return html`<ul class="composer__files" aria-label=${strings.attachments}>
    ${repeat(
      uploads,
      ({ key }) => key,
      (upload) => html`<li>${uploadView(upload)}</li>`,
    )}
  </ul>`;

  /** @param {Upload} upload */
  function uploadView(upload) {
    const { name, preview, status } = upload;
    return html`<div class="file ${status === "failed" ? "file--bad" : ""}">
      ${preview ? html`<img class="file__picture" src=${preview} alt="">` : html`<span class="file__type">${icon(status === "failed" ? "alert" : "file")}</span>`}
      <span class="file__text">${fileName(name)}<span class="quiet num">${stateOf(upload)}</span></span>
      ${status === "uploading" ? html`<progress class="file__bar" max="1" aria-label=${strings.uploading(name)} .value=${upload.progress ?? 0}></progress>` : nothing}
      ${status === "failed" ? html`<button class="icon-button icon-button--small" type="button" aria-label=${strings.uploadAgain(name)} @click=${() => composing.uploadAgain(upload)}>${icon("again", "16")}</button>` : nothing}
      <button class="icon-button icon-button--small" type="button" aria-label=${strings.removeFile(name)} @click=${() => composing.removeUpload(upload)}>${icon("x", "16")}</button>
    </div>`;
  }

  /** @param {Upload} upload */
  function stateOf({ status, progress, size, error }) {
    if (status === "failed") return error || strings.uploadFailed;
    if (status === "uploading" && progress !== null) {
      return new Intl.NumberFormat(language, { style: "percent" }).format(progress);
    }
    return size ? sizeText(size, language) : "";
  }
}
