/** “Ask for a person”: above the chat, on phones in the account's menu; away while somebody is asked for, or there, or
 * the conversation is closed. */

import { askForStaff } from "./api.js";
import { texts } from "./texts.js";

/** @typedef {import("../chatkit/element.js").ChatKitElement} ChatKitElement */

/** @param {ChatKitElement} chat @param {import("./page.js").Config} config */
export function startPerson(chat, config) {
  const buttons = [
    .../** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-person]")),
  ];
  /** @type {string | null} */
  let thread = null;
  let isWanted = false;
  const label = (/** @type {string} */ words) => {
    for (const button of buttons) (button.querySelector("span") ?? button).textContent = words;
  };
  const ask = async () => {
    isWanted = thread === null;
    label(texts.askForPerson);
    try {
      // Nobody joins an empty conversation: it begins with the wish.
      if (thread === null) await chat.sendUserMessage({ text: texts.wantPerson });
      else await askForStaff(config, thread);
    } catch {
      isWanted = false;
      label(texts.personFailed);
    }
  };
  chat.addEventListener("chatkit.thread.staff", (event) => {
    const { threadId, staff, status } = /** @type {CustomEvent} */ (event).detail;
    thread = threadId;
    for (const button of buttons) button.hidden = staff !== null || status !== "active";
    if (isWanted && thread !== null) ask();
  });
  for (const button of buttons) button.addEventListener("click", ask);
}
