/**
 * What asks before it acts, and the sheet of conversations. The browser's own dialogs trap and return the focus.
 * @import {Overlays} from "../overlays.js"
 * @import {Model} from "./model.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";
import { rail } from "./rail.js";

/** A dialog in less room than this would be too narrow or too low. */
const LEAST_PX = 280;

/** @param {Model} model */
export function dialogs(model) {
  const { isSheetOpen, box } = model.overlays;
  return html`${isSheetOpen ? sheet(model) : nothing}${box ? question(box, model) : nothing}`;
}

/** Open what was drawn; a dialog can only open once it is in the page, and isn't open any more when it was moved.
 * @param {ShadowRoot} root */
export function openDialogs(root) {
  for (const dialog of root.querySelectorAll("dialog")) {
    if (dialog.matches(":modal")) continue;
    dialog.open = false;
    keepOver(dialog, root.host);
    dialog.showModal();
    if (dialog.matches(".box")) dialog.querySelector("input")?.select();
  }
}

/** A chat that is a part of a page asks there, not over the whole page; unless there is no room for it.
 * @param {HTMLDialogElement} dialog @param {Element} host */
function keepOver(dialog, host) {
  const closed = new AbortController();
  const { signal } = closed;
  const place = () => {
    if (!dialog.isConnected) closed.abort();
    const { top, right, bottom, left } = host.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    const room = { top, right: clientWidth - right, bottom: clientHeight - bottom, left };
    const isSmall =
      Math.min(right, clientWidth) - Math.max(left, 0) < LEAST_PX ||
      Math.min(bottom, clientHeight) - Math.max(top, 0) < LEAST_PX;
    // On a phone only the page's bar is beside it: that waits under the veil as the chat does.
    const isPage = room.right <= 0 && room.bottom <= 0 && room.left <= 0;
    const sides = Object.entries(room).map(([side, px]) => [side, isSmall || isPage ? 0 : Math.max(0, px)]);
    const zoom = host.currentCSSZoom ?? 1;
    for (const [side, px] of sides) dialog.style.setProperty(`--beside-${side}`, `${Number(px) / zoom}px`);
    dialog.toggleAttribute(
      "data-inside",
      sides.some(([, px]) => px),
    );
  };
  place();
  addEventListener("resize", place, { signal });
  addEventListener("scroll", place, { signal, capture: true, passive: true });
  dialog.addEventListener("close", () => closed.abort(), { signal });
}

/** @param {Model} model */
function sheet(model) {
  const { strings, overlays } = model;
  return html`<dialog class="sheet" aria-labelledby="sheet-title" @close=${(/** @type {Event} */ event) => overlays.sheetClosed(event)} @click=${closeOutside}>
    <span class="sheet__grip"></span>
    <div class="sheet__head">
      <h2 id="sheet-title">${strings.conversations}</h2>
      <button class="icon-button" type="button" aria-label=${strings.close} @click=${closeDialog}>${icon("x")}</button>
    </div>
    ${rail(model)}
  </dialog>`;
}

/** @param {NonNullable<Overlays["box"]>} box @param {Model} model */
function question({ kind, thread, isBusy, error }, { strings, overlays }) {
  const title = thread.title || strings.untitled;
  const isRename = kind === "rename";
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    overlays.confirm(String(fields.get("title") ?? ""));
  };
  return html`<dialog class="box" aria-labelledby="box-title" @close=${() => overlays.dismiss()} @click=${closeOutside}>
    <form @submit=${submit}>
      <h2 id="box-title">${isRename ? strings.renameTitle : strings.deleteTitle}</h2>
      ${isRename ? nameField(title, strings.name) : html`<p>${strings.deleteDetail(title)}</p>`}
      ${error ? html`<p class="field__error" role="alert">${icon("alert", "16")}<span>${error}</span></p>` : nothing}
      <div class="box__acts">
        <button class="button" type="button" @click=${closeDialog}>${strings.cancel}</button>
        <button class="button ${isRename ? "button--primary" : "button--danger"}" type="submit" aria-busy=${isBusy}>
          ${isBusy ? html`<span class="spinner"></span>` : nothing}${isRename ? strings.save : strings.deleteAct}
        </button>
      </div>
    </form>
  </dialog>`;
}

/** @param {string} title @param {string} label */
function nameField(title, label) {
  return html`<div class="field">
    <label class="field__label" for="box-name">${label}</label>
    <div class="field__box"><input id="box-name" name="title" required maxlength="200" autocomplete="off" .defaultValue=${title}></div>
  </div>`;
}

/** @param {MouseEvent} event */
function closeDialog({ currentTarget }) {
  if (currentTarget instanceof Element) currentTarget.closest("dialog")?.close();
}

/** A click on the backdrop is a click on the dialog itself. @param {MouseEvent} event */
function closeOutside({ target, currentTarget }) {
  if (target === currentTarget && target instanceof HTMLDialogElement) target.close();
}
