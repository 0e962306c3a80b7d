/**
 * What Linnet Air says before anybody has asked anything.
 * @import {Options} from "../chatkit/types.js"
 * @import {Config} from "./page.js"
 */

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
      subtitle: "Seats, bags, changes, refunds: ask in your own words.",
      placeholder: "Ask about your trip, or anything else",
      prompts: [
        {
          label: "Show my trip",
          description: "Flights, seats and bags",
          prompt: "Show me my trip.",
          icon: "lucide:ticket",
        },
        {
          label: "Change my seat",
          description: "To 15C on LN 418, on the aisle",
          prompt: "Please change my seat on LN 418 to 15C.",
          icon: "lucide:armchair",
        },
        {
          label: "Add a bag",
          description: "One more, 23 kg for 35 €",
          prompt: "Please add a checked bag to my trip.",
          icon: "lucide:luggage",
        },
        {
          label: "Something went wrong",
          description: "Delay, lost bag, refund, complaint",
          prompt: "Something went wrong on my trip and I need help.",
          icon: "lucide:message-square",
        },
      ],
    },
    composer: {
      placeholder: "Write a message",
      attachments: { enabled: true, accept: PICTURES, maxSize: PICTURE_BYTES, maxCount: 10 },
      dictation: { enabled: dictates },
    },
    disclaimer: { text: "The assistant can be wrong. Check what matters." },
    threadItemActions: { feedback: true, retry: true },
    history: { enabled: true, showRename: true, showDelete: true },
  };
}

/** @param {string} name @param {number} hour */
function greeting(name, hour) {
  const time = hour < 5 || hour >= 18 ? "Good evening" : hour < 12 ? "Good morning" : "Good afternoon";
  return name ? `${time}, ${name.split(" ")[0]}` : time;
}
