/**
 * Words, pictures and marks.
 * @import {Stage} from "./types.js"
 */

import { html, nothing } from "lit/html.js";
import { came, lost, missing } from "../views/image.js";
import { markdown } from "../views/markdown.js";
import { pictureAddress } from "./addresses.js";
import { fieldId } from "./fields/names.js";
import { editable } from "./fields/text.js";
import { mark } from "./marks.js";
import { styled } from "./styled.js";
import * as values from "./values.js";

/** @typedef {Record<string, unknown>} Node */

const TEXT_SIZES = /** @type {const} */ (["md", "xs", "sm", "lg", "xl"]);
const TITLE_SIZES = /** @type {const} */ (["md", "sm", "lg", "xl", "2xl", "3xl", "4xl", "5xl"]);
const CAPTION_SIZES = /** @type {const} */ (["md", "sm", "lg"]);
const BADGE_COLOURS = /** @type {const} */ ([
  "secondary",
  "success",
  "danger",
  "warning",
  "info",
  "discovery",
]);

/** @type {Record<string, string>} */
const WEIGHTS = { normal: "400", medium: "500", semibold: "600", bold: "700" };
/** @type {Record<string, string>} */
const ICON_SIZES = {
  xs: "0.75rem",
  sm: "0.875rem",
  md: "1rem",
  lg: "1.25rem",
  xl: "1.5rem",
  "2xl": "2rem",
  "3xl": "2.5rem",
};

/** @param {Node} node @param {Stage} stage */
export function text(node, stage) {
  const size = values.oneOf(node.size, TEXT_SIZES);
  if (values.isRecord(node.editable)) return editable(node, node.editable, `w-text w-text--${size}`, stage);
  if (!values.words(node.value) && !node.streaming && !node.minLines) return nothing;
  const minLines = values.number(node.minLines);
  const declarations = {
    ...wording(node),
    ...values.kept({
      "inline-size": values.length(node.width),
      "min-block-size": minLines ? `${minLines}lh` : "",
      "font-style": node.italic ? "italic" : "",
      "text-decoration": node.lineThrough ? "line-through" : "",
    }),
  };
  return html`<p class="w-text w-text--${size} ${clamp(node)}" ${styled(declarations)}><bdi>${values.words(node.value)}</bdi>${node.streaming ? html`<span class="caret" aria-hidden="true"></span>` : nothing}</p>`;
}

/** @param {Node} node */
export function title(node) {
  const size = values.oneOf(node.size, TITLE_SIZES);
  return html`<h3 class="w-title w-title--${size} ${clamp(node)}" ${styled(wording(node))}><bdi>${values.words(node.value)}</bdi></h3>`;
}

/** @param {Node} node */
export function caption(node) {
  const size = values.oneOf(node.size, CAPTION_SIZES);
  return html`<p class="w-caption w-caption--${size} ${clamp(node)}" ${styled(wording(node))}><bdi>${values.words(node.value)}</bdi></p>`;
}

/** @param {Node} node @param {Stage} stage */
export function label(node, stage) {
  const size = values.oneOf(node.size, ["sm", ...TEXT_SIZES]);
  const name = values.words(node.fieldName);
  return html`<label class="w-label w-text--${size}" id=${`${fieldId(stage, name)}-label`} for=${fieldId(stage, name)} ${styled(wording(node))}>${values.words(node.value)}</label>`;
}

/** @param {Node} node @returns {values.Declarations} */
function wording({ color, weight, textAlign, maxLines }) {
  const lines = values.number(maxLines);
  return values.kept({
    color: values.textColour(color),
    "font-weight": values.named(WEIGHTS, weight) ?? "",
    "text-align": textAlign === "start" || textAlign === "center" || textAlign === "end" ? textAlign : "",
    "-webkit-line-clamp": lines ? String(lines) : "",
  });
}

/** @param {Node} node */
function clamp({ value, truncate, maxLines }) {
  const lines = values.number(maxLines) ? "w-clamp" : truncate ? "cut" : "";
  return `${lines} ${values.yields(value)}`;
}

/** @param {Node} node @param {Stage} stage */
export function markdownText({ value, streaming }, { host }) {
  return html`<div class="prose"><div ${markdown(values.words(value), Boolean(streaming), host.strings, host.imageDomains)}></div></div>`;
}

/** @param {Node} node */
export function badge(node) {
  const kinds = [
    `w-tone--${values.oneOf(node.color, BADGE_COLOURS)}`,
    `w-badge--${values.oneOf(node.variant, ["soft", "solid", "outline"])}`,
    `w-badge--${values.oneOf(node.size, ["sm", "md", "lg"])}`,
    node.pill ? "w-badge--pill" : "",
    values.yields(node.label),
  ];
  return html`<span class="w-badge ${kinds.join(" ")}">${values.words(node.label)}</span>`;
}

/** @param {Node} node */
export function pictogram({ name, color, size }) {
  const declarations = values.kept({
    color: values.textColour(color),
    "--icon": values.named(ICON_SIZES, size) ?? "",
  });
  return html`<span class="w-icon" ${styled(declarations)}>${mark(name)}</span>`;
}

const FITS = /** @type {const} */ (["cover", "contain", "fill", "scale-down", "none"]);

/** A picture that can't come leaves its words. @param {Node} node @param {Stage} stage */
export function picture(node, { host }) {
  const { fit, position, frame, flush, background } = node;
  const address = pictureAddress(node.src, host.imageDomains, location.href);
  const kind = `w-image ${frame ? "w-image--frame" : ""} ${flush ? "w-image--flush" : ""}`;
  const declarations = {
    ...values.block(node),
    ...values.kept({
      "object-fit": FITS.find((known) => known === fit) ?? "",
      "object-position": values.css(position),
      ...values.background(background),
    }),
  };
  const alt = values.words(node.alt);
  if (!address)
    return html`<span class="gone ${kind}" ${styled(declarations)}>${missing(alt || host.strings.noPicture)}</span>`;
  return html`<img class=${kind} src=${address} alt=${alt} decoding="async" referrerpolicy="no-referrer" @load=${came} @error=${lost} ${styled(declarations)}>`;
}
