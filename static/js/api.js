/**
 * How the chat's requests reach this site, how a reply is stopped, and a person asked for.
 * @import {Fetch, SearchOption} from "../chatkit/types.js"
 * @import {Config} from "./page.js"
 */

/** Ask the server to cancel a turn.
 * @param {Config} config @param {string} threadId @param {string} turnId */
export async function cancelTurn(config, threadId, turnId) {
  await post(config, [threadId, "turns", turnId, "cancel"]);
}

/** Ask for a person of the staff in a conversation.
 * @param {Config} config @param {string} threadId */
export async function askForStaff(config, threadId) {
  await post(config, [threadId, "ask-for-staff"]);
}

/** @param {Config} config @param {string[]} path below the person's conversations */
async function post({ userId, csrfToken }, path) {
  const address = [userId, "conversations", ...path].map(encodeURIComponent).join("/");
  const response = await fetch(`/api/${address}`, { method: "POST", headers: { "X-CSRFToken": csrfToken } });
  if (!response.ok) throw new Error(`${path.at(-1)} was answered with ${response.status}`);
}

/** Return the search over a person's own messages.
 * @param {Config} config @returns {SearchOption} */
export function searchMessages({ userId }) {
  return async (query, { signal }) => {
    const answer = await fetch(`/api/${encodeURIComponent(userId)}/search?q=${encodeURIComponent(query)}`, {
      signal,
    });
    if (!answer.ok) throw new Error(`The search was answered with ${answer.status}`);
    const { data } = await answer.json();
    return data.map((/** @type {{conversation_id: string, title: string, snippet: string}} */ found) => ({
      threadId: found.conversation_id,
      title: found.title,
      snippet: piecesOf(found.snippet),
    }));
  };
}

/** A snippet comes as HTML with nothing but `mark`: it becomes text in pieces. @param {string} snippet */
function piecesOf(snippet) {
  return snippet.split(/<\/?mark>/).map((text, at) => ({ text: unescaped(text), isMatch: at % 2 === 1 }));
}

/** @param {string} text */
function unescaped(text) {
  return text.replace(/&(lt|gt|quot|#x27|amp);/g, (_, name) => CHARACTERS[name] ?? "");
}

/** @type {Record<string, string>} */
const CHARACTERS = { lt: "<", gt: ">", quot: '"', "#x27": "'", amp: "&" };

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
