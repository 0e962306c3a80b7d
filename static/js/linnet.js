/**
 * What Linnet Air says before anybody has asked anything.
 * @import {Options} from "../chatkit/types.js"
 */

/** Return the options that make the chat the airline's own.
 * @param {string} name of who is signed in, empty for a guest @param {Date} now
 * @returns {Pick<Options, "startScreen" | "composer" | "disclaimer" | "threadItemActions" | "history" | "frameTitle">} */
export function linnetOptions(name, now) {
  return {
    frameTitle: "Linnet Air Support",
    startScreen: {
      greeting: greeting(name, now.getHours()),
      subtitle: "Seats, bags, changes, refunds: ask in your own words.",
      prompts: [
        {
          label: "Show my trip",
          description: "Flights, seats and bags",
          prompt: "Show me my trip.",
          icon: "lucide:ticket",
        },
        {
          label: "Choose seats",
          description: "Window, aisle, or next to someone",
          prompt: "I'd like to change my seat to 14A.",
          icon: "lucide:armchair",
        },
        {
          label: "Add a bag",
          description: "Up to 23 kg, paid when you add it",
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
    composer: { placeholder: "Write a message" },
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
