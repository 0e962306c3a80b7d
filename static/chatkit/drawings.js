/**
 * The icons that pages and servers name: ChatKit's own and Lucide's common ones, and the rest of Lucide's.
 * @import {TemplateResult} from "lit/html.js"
 */

import { render, svg } from "lit/html.js";
import { GLYPHS, LUCIDE } from "./glyphs.js";
import { HEADER_GLYPHS } from "./headericons.js";
import { drawingOf, learn, own } from "./icons.js";

const SVG = "http://www.w3.org/2000/svg";

learn(find);

/** Fill a drawing; one with a name that nobody knows takes no room.
 * @param {Element} place @param {string} name */
export async function draw(place, name) {
  const drawing = drawingOf(name);
  if (!drawing && name.startsWith("lucide:")) {
    const { drawLucide } = await import("./lucide.js");
    await drawLucide(place, name.slice(7));
    return;
  }
  const group = document.createElementNS(SVG, "g");
  if (drawing) render(drawing, group);
  place.replaceChildren(group);
  place.toggleAttribute("hidden", !drawing);
}

/** @param {string} name @returns {TemplateResult<2> | undefined} */
function find(name) {
  if (name.startsWith("vendor:")) return letter(name[7]);
  const common = name.startsWith("lucide:") ? own(LUCIDE, name.slice(7)) : undefined;
  if (common) return drawingOf(common);
  return own(GLYPHS, name) ?? own(HEADER_GLYPHS, name);
}

/** Who a vendor's mark belongs to is all that is known of it. @param {string | undefined} first */
function letter(first) {
  if (!first) return undefined;
  return svg`<rect x="3" y="3" width="14" height="14" rx="3"/><text class="icon__letter" x="10" y="13.500">${first.toUpperCase()}</text>`;
}
