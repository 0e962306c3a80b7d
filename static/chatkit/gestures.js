/**
 * What a person does to the chat as a whole: drops files on it, selects text to quote, goes to the search, looks away.
 * @import {Composing} from "./composing.js"
 * @import {Previews} from "./previews.js"
 */

import { selectedText } from "./quoting.js";

/** Listen until the signal ends.
 * @param {ShadowRoot} root @param {{composing: Composing, previews: Previews}} hears @param {AbortSignal} signal */
export function listen(root, { composing, previews }, signal) {
  const host = root.host;
  host.addEventListener("dragenter", (event) => hold(/** @type {DragEvent} */ (event), composing), {
    signal,
  });
  host.addEventListener("dragover", (event) => hold(/** @type {DragEvent} */ (event), composing), { signal });
  host.addEventListener("dragleave", (event) => release(/** @type {DragEvent} */ (event), host, composing), {
    signal,
  });
  host.addEventListener("drop", (event) => drop(/** @type {DragEvent} */ (event), composing), { signal });
  const look = () => composing.setQuotable(selectedText(root));
  document.addEventListener("selectionchange", look, { signal });
  const scrolled = () => {
    look();
    previews.dismiss();
  };
  root.addEventListener("scroll", scrolled, { signal, capture: true, passive: true });
  const escaped = (/** @type {KeyboardEvent} */ { key }) => key === "Escape" && previews.dismiss();
  document.addEventListener("keydown", escaped, { signal });
  root.addEventListener("keydown", (event) => search(/** @type {KeyboardEvent} */ (event), root), { signal });
}

/** A slash goes to the search from wherever in the chat nobody writes; elsewhere the key is the page's.
 * @param {KeyboardEvent} event @param {ShadowRoot} root */
function search(event, root) {
  const { key, ctrlKey, metaKey, altKey, target } = event;
  if (key !== "/" || ctrlKey || metaKey || altKey) return;
  const isWriting = target instanceof Element && target.matches("input, textarea, select");
  const field = root.querySelector(".rail__search input");
  if (isWriting || !(field instanceof HTMLInputElement) || !field.checkVisibility()) return;
  event.preventDefault();
  field.focus();
}

/** @param {DragEvent} event @param {Composing} composing */
function hold(event, composing) {
  if (!composing.takesFiles || !event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  composing.setDropTarget(true);
}

/** @param {DragEvent} event @param {Element} host @param {Composing} composing */
function release({ relatedTarget }, host, composing) {
  if (!(relatedTarget instanceof Node) || !host.contains(relatedTarget)) composing.setDropTarget(false);
}

/** @param {DragEvent} event @param {Composing} composing */
function drop(event, composing) {
  composing.setDropTarget(false);
  const files = [...(event.dataTransfer?.files ?? [])];
  if (!composing.takesFiles || !files.length) return;
  event.preventDefault();
  composing.addFiles(files);
}
