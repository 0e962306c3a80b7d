/**
 * How the chat's requests reach this site, and how a reply is stopped.
 * @import {Fetch} from "../chatkit/types.js"
 * @import {Config} from "./page.js"
 */

/** Ask the server to cancel a turn.
 * @param {Config} config @param {string} threadId @param {string} turnId */
export async function cancelTurn({ userId, csrfToken }, threadId, turnId) {
  const path = [userId, "conversations", threadId, "turns", turnId, "cancel"]
    .map(encodeURIComponent)
    .join("/");
  const response = await fetch(`/api/${path}`, { method: "POST", headers: { "X-CSRFToken": csrfToken } });
  if (!response.ok) throw new Error(`Stop was answered with ${response.status}`);
}

/** Return the `fetch` for the chat. ChatKit aborts a request only when somebody presses Stop: here that cancels
 * the turn on the server, and the request itself goes on to its end, so Stop never leaves the page guessing.
 * @param {Config} config @returns {Fetch} */
export function chatFetch(config) {
  return async (input, init = {}) => {
    const { signal, ...rest } = init;
    const headers = new Headers(rest.headers);
    headers.set("X-CSRFToken", config.csrfToken);
    const sent = fetch(input, { ...rest, headers });
    signal?.addEventListener("abort", () => cancelTurnOf(config, sent).catch(() => {}), { once: true });
    return sent;
  };
}

/** @param {Config} config @param {Promise<Response>} sent */
async function cancelTurnOf(config, sent) {
  const { headers } = await sent;
  const threadId = headers.get("X-Chat-Conversation");
  const turnId = headers.get("X-Chat-Turn");
  if (threadId && turnId) await cancelTurn(config, threadId, turnId);
}
