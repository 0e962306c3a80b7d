/**
 * Pictures keep a place until they are there; where they can't come, their words stand in it. None is lazy: it would
 * be asked for only when its place is in sight, and grow under the eyes of who scrolls there.
 */

import { html, render } from "lit/html.js";
import { icon } from "../icons.js";

/** From now on it has a size of its own.
 * @param {Event} event */
export function came({ currentTarget }) {
  /** @type {Element} */ (currentTarget).classList.add("came");
}

/** Another picture may be asked for in the same place: then that one stands there again.
 * @param {Event} event @param {unknown} [instead] */
export function lost({ currentTarget }, instead) {
  const image = /** @type {HTMLImageElement} */ (currentTarget);
  const place = document.createElement("span");
  place.className = instead ? "" : `gone ${image.className}`;
  place.style.cssText = image.style.cssText;
  image.addEventListener("load", () => place.replaceWith(image), { once: true });
  render(instead ?? missing(image.alt), place);
  image.replaceWith(place);
}

/** @param {string} words */
export function missing(words) {
  return html`${icon("image")}<span>${words}</span>`;
}
