/**
 * What Linnet Air says before anybody has asked anything.
 * @import {Options} from "../chatkit/types.js"
 * @import {Config} from "./page.js"
 */

import { filled, texts } from "./texts.js";

/** What the server takes: conversations/services/attachments.py. */
const PICTURES = {
  "image/png": [".png"],
  "image/jpeg": [".jpg", ".jpeg"],
  "image/gif": [".gif"],
  "image/webp": [".webp"],
};
const PICTURE_BYTES = 5 * 1024 * 1024;

/** Return the options that make the chat the airline's own.
 * @param {Pick<Config, "name" | "dictates">} config the name is empty for a guest @param {Date} now
 * @returns {Pick<Options, "startScreen" | "composer" | "disclaimer" | "threadItemActions" | "history">} */
export function linnetOptions({ name, dictates }, now) {
  return {
    startScreen: {
      greeting: greeting(name, now.getHours()),
      subtitle: texts.subtitle,
      placeholder: texts.firstPlaceholder,
      prompts: texts.prompts,
    },
    composer: {
      placeholder: texts.placeholder,
      attachments: { enabled: true, accept: PICTURES, maxSize: PICTURE_BYTES, maxCount: 10 },
      dictation: { enabled: dictates },
    },
    disclaimer: { text: texts.disclaimer },
    threadItemActions: { feedback: true, retry: true },
    history: { enabled: true, showRename: true, showDelete: true },
  };
}

/** @param {string} name @param {number} hour */
function greeting(name, hour) {
  const time =
    hour < 5 || hour >= 18 ? texts.goodEvening : hour < 12 ? texts.goodMorning : texts.goodAfternoon;
  return name ? filled(texts.greeting, { greeting: time, name: name.split(" ")[0] }) : time;
}
