/**
 * Reading threads, page by page. No DOM, no state.
 * @import {Client} from "./client.js"
 * @import {Sending} from "./outbox.js"
 * @import {Item, Page, Thread, ThreadWithItems} from "./types.js"
 */

import { isSent } from "./outbox.js";

const PAGE_SIZE = 40;
/** A new thread that nobody saw begin is among the last ones. */
const NEW_THREADS = 5;

/** Load a thread. The protocol gives its oldest items; of a longer one the newest are asked for too.
 * @param {Client} client @param {string} threadId
 * @returns {Promise<{loaded: ThreadWithItems, newest: Page<Item> | null, seq: string | null}>} */
export async function loadThread(client, threadId) {
  const { data, headers } = await client.request("threads.get_by_id", { thread_id: threadId });
  const loaded = /** @type {ThreadWithItems} */ (data);
  const newest = loaded.items?.has_more ? await listItems(client, threadId) : null;
  return { loaded, newest, seq: headers.get("X-Chat-Seq") };
}

/** Load a page of items, newest first.
 * @param {Client} client @param {string} threadId @param {string} [after] @param {number} [limit]
 * @returns {Promise<Page<Item>>} */
export async function listItems(client, threadId, after, limit = PAGE_SIZE) {
  const params = { thread_id: threadId, limit, order: "desc", ...(after && { after }) };
  const { data } = await client.request("items.list", params);
  return /** @type {Page<Item>} */ (data);
}

/** A message was sent and no answer came: find out whether it arrived. For servers that know no idempotency key.
 * @param {Client} client @param {Sending} sending
 * @returns {Promise<string | null>} the thread that holds it */
export async function findSent(client, sending) {
  const { threadId, known } = sending;
  const isIt = (/** @type {Item} */ item) => isSent(sending, item);
  if (threadId) return (await listItems(client, threadId)).data.some(isIt) ? threadId : null;
  const { data } = await client.request("threads.list", { limit: NEW_THREADS, order: "desc" });
  for (const { id } of /** @type {Page<Thread>} */ (data).data) {
    if (known.includes(id)) continue;
    const { loaded } = await loadThread(client, id);
    if (loaded.items?.data.some(isIt)) return id;
  }
  return null;
}
