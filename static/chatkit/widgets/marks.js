/** Icons in widgets: what points somewhere is mirrored with the text. */

import { html, nothing } from "lit/html.js";
import "../drawings.js";
import { icon } from "../icons.js";
import { words } from "./values.js";

const POINTS = /(?:^|:)(?:arrow|chevron)-(?:left|right)$|^lucide:plane$/;

/** @param {unknown} name @param {"" | "16"} [size] */
export function mark(name, size = "") {
  const drawing = words(name) ? icon(words(name), size) : nothing;
  return POINTS.test(words(name)) ? html`<span class="w-flip">${drawing}</span>` : drawing;
}
