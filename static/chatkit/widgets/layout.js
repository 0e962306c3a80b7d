/**
 * What holds and parts other components.
 * @import {Stage} from "./types.js"
 */

import { keyed } from "lit/directives/keyed.js";
import { html } from "lit/html.js";
import { styled } from "./styled.js";
import * as values from "./values.js";

/** @typedef {Record<string, unknown>} Node */

/** A root without a frame. @param {Node} node @param {Stage} stage */
export function basic(node, stage) {
  const direction = node.direction === "row" ? "row" : "col";
  return html`<div class="w-basic w-box w-box--${direction} ${values.themedClass(node)}" data-theme=${themeOf(node)} ${styled(values.box(node))}>${stage.children(node.children)}</div>`;
}

/** @param {Node} node @param {Stage} stage */
export function box(node, stage) {
  return boxed(node, stage, node.direction === "row" ? "row" : "col");
}

/** @param {Node} node @param {Stage} stage */
export function row(node, stage) {
  return boxed(node, stage, "row");
}

/** @param {Node} node @param {Stage} stage */
export function column(node, stage) {
  return boxed(node, stage, "col");
}

/** @param {Node} node @param {Stage} stage @param {"row" | "col"} direction */
function boxed(node, stage, direction) {
  return html`<div class="w-box w-box--${direction} ${values.themedClass(node)}" ${styled(values.box(node))}>${stage.children(node.children)}</div>`;
}

/** The browser itself checks the fields before it submits. @param {Node} node @param {Stage} stage */
export function form(node, stage) {
  const direction = node.direction === "row" ? "row" : "col";
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    stage.act(node.onSubmitAction, { node, element: /** @type {Element} */ (event.currentTarget) });
  };
  return html`<form class="w-form w-box w-box--${direction} ${values.themedClass(node)}" @submit=${submit} ${styled(values.box(node))}>${stage.children(node.children)}</form>`;
}

/** @param {Node} node */
export function spacer({ minSize }) {
  return html`<div class="w-spacer" ${styled(values.kept({ "flex-basis": values.length(minSize) }))}></div>`;
}

/** @param {Node} node */
export function divider({ color, size, spacing, flush }) {
  const declarations = values.kept({
    "--line": color ? values.lineColour(color) : "",
    "--thick": values.length(size),
    "--apart": values.space(spacing),
  });
  return html`<div role="separator" class="w-divider ${flush ? "w-divider--flush" : ""}" ${styled(declarations)}></div>`;
}

/** Another child enters softly. @param {Node} node @param {Stage} stage */
export function transition({ children }, stage) {
  const child = values.isRecord(children) ? children : {};
  const key = values.words(child.key) || values.words(child.id) || values.words(child.type);
  return keyed(key, html`<div class="w-transition">${stage.draw(child)}</div>`);
}

/** @param {Node} node */
export function themeOf({ theme }) {
  return theme === "light" || theme === "dark" ? theme : "";
}
