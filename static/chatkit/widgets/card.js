/**
 * A card: what is going on, the facts, and beneath a line the decision.
 * @import {Stage} from "./types.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";
import { pictureAddress } from "./addresses.js";
import { themeOf } from "./layout.js";
import { styled } from "./styled.js";
import * as values from "./values.js";

/** @typedef {Record<string, unknown>} Node */

const SIZES = /** @type {const} */ (["full", "sm", "md", "lg"]);

/** @param {Node} node @param {Stage} stage */
export function card(node, stage) {
  const { asForm, background, border, padding, size } = node;
  const declarations = values.kept({
    ...values.background(background),
    ...values.borders(border),
  });
  const inner = node.collapsed
    ? closed(node, padding, stage)
    : html`${status(node.status, stage)}${body(node, padding, stage)}${decision(node, stage)}`;
  const kind = `w-card w-card--${values.oneOf(size, SIZES)} ${values.themedClass(node)}`;
  if (!asForm)
    return html`<div class=${kind} part="card" data-theme=${themeOf(node)} ${styled(declarations)}>${inner}</div>`;
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const element = /** @type {Element} */ (event.currentTarget);
    if (values.isRecord(node.confirm))
      stage.act(node.confirm.action, { node: node.confirm, kind: "Card", element });
  };
  return html`<form class=${kind} part="card" data-theme=${themeOf(node)} @submit=${submit} ${styled(declarations)}>${inner}</form>`;
}

/** What is done is one line that opens. @param {Node} node @param {unknown} padding @param {Stage} stage */
function closed(node, padding, stage) {
  const words = values.isRecord(node.status) ? statusWords(node.status, stage) : nothing;
  return html`<details class="w-card__closed">
    <summary>${
      words === nothing
        ? html`<span class="cut">${firstWords(node.children) || stage.host.strings.details}</span>`
        : words
    }${icon("chevron-right", "16")}</summary>
    ${body(node, padding, stage)}
  </details>`;
}

/** @param {Node} node @param {unknown} padding @param {Stage} stage */
function body(node, padding, stage) {
  const declarations = { ...values.kept(values.spacing("padding", padding)), ...pads(padding) };
  return html`<div class="w-card__body" ${styled(declarations)}>${stage.children(node.children)}</div>`;
}

/** What goes to the card's edges needs to know how far they are.
 * @param {unknown} padding @returns {values.Declarations} */
function pads(padding) {
  const sides = values.isRecord(padding) ? padding : { x: padding, y: padding };
  return values.kept({
    "--pad-x": values.space(sides.left ?? sides.x) || (values.isRecord(padding) ? "0rem" : ""),
    "--pad-y": values.space(sides.top ?? sides.y) || (values.isRecord(padding) ? "0rem" : ""),
  });
}

/** @param {unknown} value @param {Stage} stage */
export function status(value, stage) {
  const words = values.isRecord(value) ? statusWords(value, stage) : nothing;
  return words === nothing ? nothing : html`<div class="w-status">${words}</div>`;
}

/** @param {Node} status @param {Stage} stage */
function statusWords({ text, favicon, frame, icon: name }, { host }) {
  if (!values.words(text)) return nothing;
  const picture = pictureAddress(favicon, host.imageDomains, location.href);
  return html`
    ${picture ? html`<img class="w-status__icon ${frame ? "w-status__icon--frame" : ""}" src=${picture} alt="" referrerpolicy="no-referrer">` : nothing}
    ${values.words(name) ? icon(values.words(name), "16") : nothing}
    <span class="cut">${values.words(text)}</span>
  `;
}

/** @param {Node} node @param {Stage} stage */
function decision(node, stage) {
  const { confirm, cancel, asForm } = node;
  if (!(values.isRecord(confirm) || values.isRecord(cancel))) return nothing;
  return html`<div class="w-card__line" part="card-line"></div>
    <div class="w-card__acts" part="card-actions">
      ${values.isRecord(cancel) ? decide(cancel, "button", "", stage) : nothing}
      ${values.isRecord(confirm) ? decide(confirm, asForm ? "submit" : "button", "button--primary", stage) : nothing}
    </div>`;
}

/** @param {Node} choice @param {"button" | "submit"} type @param {string} kind @param {Stage} stage */
function decide(choice, type, kind, stage) {
  const act = (/** @type {MouseEvent} */ { currentTarget }) => {
    const element = /** @type {Element} */ (currentTarget);
    if (type === "button") stage.act(choice.action, { node: choice, kind: "Card", element });
  };
  const isBusy = stage.isBusy(choice);
  return html`<button class="button ${kind}" dir="auto" part=${kind ? "card-confirm" : "card-cancel"} type=${type} aria-busy=${isBusy} @click=${act}>
    ${isBusy ? html`<span class="spinner"></span>` : nothing}${values.words(choice.label)}
  </button>`;
}

/** @param {unknown} nodes @returns {string} */
function firstWords(nodes) {
  for (const node of [nodes].flat()) {
    if (!values.isRecord(node)) continue;
    const found = values.words(node.value) || values.words(node.label) || firstWords(node.children);
    if (found) return found;
  }
  return "";
}
