/**
 * The files of a message.
 * @import {Strings} from "../locales/en.js"
 * @import {Attachment} from "../types.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";
import { isPicture } from "../sound.js";
import { came, lost } from "./image.js";

/** @param {readonly Attachment[]} attachments @param {Strings} strings */
export function attachmentList(attachments, strings) {
  const named = attachments.filter((attachment) => attachment?.name);
  if (!named.length) return nothing;
  return html`<ul class="attached" aria-label=${strings.attachments}>
    ${named.map((attachment) => html`<li>${attachmentView(attachment)}</li>`)}
  </ul>`;
}

/** @param {Attachment} attachment */
function attachmentView({ name, mime_type, preview_url }) {
  const file = html`<span class="file">
    <span class="file__type">${icon("file")}</span>
    <span class="file__text">${fileName(name)}<span class="quiet">${kindOf(name, mime_type)}</span></span>
  </span>`;
  if (!isPicture(preview_url)) return file;
  const gone = (/** @type {Event} */ event) => lost(event, file);
  return html`<img class="picture" src=${preview_url} alt=${name} title=${name} @load=${came} @error=${gone}>`;
}

/** The end of a long name tells more than its middle. @param {string} name */
export function fileName(name) {
  const dot = name.lastIndexOf(".");
  const cutsWell = dot > 0 && name.length - dot <= 6;
  return html`<span class="file__name" dir="ltr" title=${name}><span class="cut">${cutsWell ? name.slice(0, dot) : name}</span>${cutsWell ? html`<span class="file__ending">${name.slice(dot)}</span>` : nothing}</span>`;
}

/** @param {string} name @param {string} type */
function kindOf(name, type) {
  const ending = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1] ?? type.split("/").at(-1) ?? "";
  return ending.toUpperCase();
}

/** As limits are written: 5 MB are 5 × 1024 × 1024. */
const KILO = 1024;
const UNITS = /** @type {const} */ (["byte", "kilobyte", "megabyte", "gigabyte"]);

/** A size in words: 184 kB, 8.4 MB.
 * @param {number} bytes @param {string} language */
export function sizeText(bytes, language) {
  const power = bytes < KILO ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log(bytes) / Math.log(KILO)));
  const value = bytes / KILO ** power;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: UNITS[power] ?? "byte",
    unitDisplay: power ? "short" : "long",
    maximumFractionDigits: value < 10 && power > 1 ? 1 : 0,
  }).format(value);
}
