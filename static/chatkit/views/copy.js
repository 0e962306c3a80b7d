/**
 * Copying to the clipboard, and saying so on the button.
 * @import {Strings} from "../locales/en.js"
 */

const SHOWN_MS = 2000;

/** Return a click handler that copies a text and shows for a moment that it did.
 * @param {() => string} text @param {Strings} strings @returns {(event: MouseEvent) => Promise<void>} */
export function copyText(text, strings) {
  return async ({ currentTarget }) => {
    if (!(currentTarget instanceof HTMLElement)) return;
    const said = await write(text()).then(
      () => strings.copied,
      () => strings.copyFailed,
    );
    const label = currentTarget.querySelector("span");
    if (label) label.textContent = said;
    setTimeout(() => {
      if (label) label.textContent = strings.copy;
    }, SHOWN_MS);
  };
}

/** Pages without https have no clipboard. @param {string} text */
async function write(text) {
  await navigator.clipboard.writeText(text);
}
