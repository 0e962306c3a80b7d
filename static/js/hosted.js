/** The chat page with OpenAI's own element, where the site has a domain key for it. */

import { chatFetch } from "./api.js";
import { linnetOptions } from "./linnet.js";
import { nameThreadInAddress, readConfig, startThemeSwitch, threadInAddress } from "./page.js";

const config = readConfig();
startThemeSwitch();
await customElements.whenDefined("openai-chatkit");
const chat = /** @type {import("@openai/chatkit").OpenAIChatKit} */ (document.getElementById("chat"));

const { greeting, prompts = [] } = linnetOptions(config.name, new Date()).startScreen ?? {};
chat.setOptions({
  ...linnetOptions(config.name, new Date()),
  frameTitle: config.site,
  startScreen: {
    ...(greeting && { greeting }),
    prompts: prompts.map(({ label, prompt, icon }) => ({ label, prompt, ...(icon && { icon }) })),
  },
  api: {
    url: new URL("/chatkit", location.href).href,
    domainKey: config.domainKey,
    fetch: chatFetch(config),
  },
  initialThread: threadInAddress(),
});
chat.addEventListener("chatkit.thread.change", (event) => nameThreadInAddress(event.detail.threadId));
addEventListener("popstate", () => chat.setThreadId(threadInAddress()));
document.getElementById("menu-button")?.addEventListener("click", () => chat.showHistory());
