/** The chat page with OpenAI's own element, where the site has a domain key for it; in words, when it doesn't come. */

import { chatFetch } from "./api.js";
import { linnetOptions } from "./linnet.js";
import { modelChoice, nameThreadInAddress, readConfig, startThemeSwitch, threadInAddress } from "./page.js";
import { startTrip } from "./trip/panel.js";

const TAG = "openai-chatkit";
/** From its script's end, from the page's start, and from its options: how long the element may take. */
const DEFINED_MS = 3000;
const LOADED_MS = 15_000;
const READY_MS = 20_000;

const config = readConfig();
startThemeSwitch();
document.querySelector("#hosted-failed button")?.addEventListener("click", () => location.reload());
if (!(await isDefined())) throw showFailure("OpenAI's element could not be loaded.");
const chat = /** @type {import("@openai/chatkit").OpenAIChatKit} */ (document.getElementById("chat"));
expectReady();
if (!config.start) startTrip(chat);

const options = linnetOptions(config, new Date());
const { greeting, prompts = [] } = options.startScreen ?? {};
chat.setOptions({
  ...options,
  composer: { ...options.composer, ...modelChoice(config) },
  ...(config.locale && { locale: config.locale }),
  frameTitle: config.site,
  startScreen: {
    ...(greeting && { greeting }),
    prompts: prompts.map(({ label, prompt, icon }) => ({ label, prompt, ...(icon && { icon }) })),
  },
  api: {
    url: new URL("/chatkit", location.href).href,
    domainKey: config.domainKey,
    fetch: chatFetch(config),
    uploadStrategy: { type: "two_phase" },
  },
  initialThread: threadInAddress(),
});
chat.addEventListener("chatkit.thread.change", (event) => nameThreadInAddress(event.detail.threadId));
addEventListener("popstate", () => chat.setThreadId(threadInAddress()));
document.getElementById("menu-button")?.addEventListener("click", () => chat.showHistory());

/** Whether the element came. A script that failed has ended too, and defined nothing. */
async function isDefined() {
  const ended = new Promise((resolve) => {
    if (document.readyState === "complete") resolve(null);
    else addEventListener("load", resolve);
  }).then(() => after(DEFINED_MS));
  await Promise.race([customElements.whenDefined(TAG), ended, after(LOADED_MS)]);
  return customElements.get(TAG) !== undefined;
}

/** An element that came and stays empty has been refused its domain key. */
async function expectReady() {
  const ready = new Promise((resolve) => {
    chat.addEventListener("chatkit.ready", () => resolve(true));
  });
  if (!(await Promise.race([ready, after(READY_MS).then(() => false)]))) {
    throw showFailure("OpenAI's element did not start: is CHATKIT_DOMAIN_KEY registered for this address?");
  }
}

/** Show the words that the page has for it, and say the rest in the console.
 * @param {string} message */
function showFailure(message) {
  const words = document.getElementById("hosted-failed");
  if (words) words.hidden = false;
  document.getElementById("chat")?.toggleAttribute("hidden", true);
  return new Error(message);
}

/** @param {number} ms */
function after(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
