/** The chat page with the self-hosted element. */

import "../chatkit/define.js";
import { askForStaff, cancelTurn, chatFetch, searchMessages } from "./api.js";
import { linnetOptions } from "./linnet.js";
import {
  forgetWritingOnLeave,
  modelChoice,
  nameThreadInAddress,
  readConfig,
  showTitle,
  startThemeSwitch,
  threadInAddress,
} from "./page.js";
import { startPerson } from "./person.js";
import { startTrip } from "./trip/panel.js";

const config = readConfig();
const chat = /** @type {import("../chatkit/element.js").ChatKitElement} */ (document.getElementById("chat"));

chat.addEventListener("chatkit.thread.change", (event) =>
  nameThreadInAddress(/** @type {CustomEvent} */ (event).detail.threadId),
);
chat.addEventListener("chatkit.thread.title", (event) =>
  showTitle(/** @type {CustomEvent} */ (event).detail.title, config.site),
);
addEventListener("popstate", () => chat.setThreadId(threadInAddress()));
document.getElementById("menu-button")?.addEventListener("click", () => chat.showHistory());
document.querySelector(".skip")?.addEventListener("click", (event) => {
  event.preventDefault();
  chat.focusComposer();
});
startThemeSwitch();
startPerson(chat, config);
forgetWritingOnLeave();
if (!config.start) startTrip(chat);

const options = { ...linnetOptions(config, new Date()), ...(config.start && { startScreen: config.start }) };
chat.setOptions({
  ...options,
  composer: { ...options.composer, ...modelChoice(config) },
  history: { ...options.history, search: searchMessages(config) },
  ...(config.locale && { locale: config.locale }),
  frameTitle: config.site,
  api: {
    url: "/chatkit",
    domainKey: config.domainKey,
    fetch: chatFetch(config),
    uploadStrategy: { type: "two_phase" },
  },
  live: {
    url: (threadId) => `/ws/conversations/${encodeURIComponent(threadId)}/`,
    changes: "/ws/me/?effects",
    cancel: (threadId, turnId) => cancelTurn(config, threadId, turnId),
    askForStaff: (threadId) => askForStaff(config, threadId),
  },
  header: { enabled: false },
  initialThread: threadInAddress(),
});
if (matchMedia("(pointer: fine)").matches) chat.focusComposer();
