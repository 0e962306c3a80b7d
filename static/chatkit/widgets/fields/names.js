/**
 * What the controls have in common: ids, names for readers, sizes.
 * @import {Stage} from "../types.js"
 */

import { nothing } from "lit/html.js";
import { named, words } from "../values.js";

/** @typedef {Record<string, unknown>} Node */

/** The id by which a label finds its field.
 * @param {Stage} stage @param {string} name */
export function fieldId(stage, name) {
  return `${stage.id}-${name.replace(/[^\w-]/g, "_")}`;
}

/** What a field is called that has no label.
 * @param {Node} node @param {Stage} stage */
export function nameFor({ name, placeholder, label }, { labels, host }) {
  if (labels.has(words(name)) || words(label)) return nothing;
  return words(placeholder) || words(name).replace(/[._-]+/g, " ") || host.strings.answer;
}

/** @type {Record<string, string>} */
const HEIGHTS = {
  "3xs": "1.375rem",
  "2xs": "1.5rem",
  xs: "1.625rem",
  sm: "1.75rem",
  md: "2rem",
  lg: "2.25rem",
  xl: "2.5rem",
  "2xl": "2.75rem",
  "3xl": "3rem",
};
/** @type {Record<string, string>} */
const GUTTERS = {
  "2xs": "0.375rem",
  xs: "0.5rem",
  sm: "0.625rem",
  md: "0.75rem",
  lg: "0.875rem",
  xl: "1rem",
};

/** @param {unknown} size */
export const sizeOf = (size) => named(HEIGHTS, size) ?? "";

/** @param {unknown} size */
export const gutterOf = (size) => named(GUTTERS, size) ?? "";

/** @param {Node} node */
export function fieldKinds({ variant, pill, block }) {
  const known = ["outline", "soft", "solid", "ghost"].find((name) => name === variant) ?? "outline";
  return `w-field w-field--${known} ${pill ? "w-field--pill" : ""} ${block ? "w-field--block" : ""}`;
}

/** @param {Event} event */
export const target = ({ currentTarget }) => /** @type {HTMLElement} */ (currentTarget);
