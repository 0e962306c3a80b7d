/**
 * What was sent and isn't in its thread yet: it waits its turn, and survives a reload of the tab. No DOM, no requests.
 * @import {Attachment, Content, Item} from "./types.js"
 */

import { textOf } from "./thread.js";

/** A message that was kept longer is no longer what the person wants to say. */
const KEPT_MS = 86_400_000;

/**
 * @typedef {object} Sending something on its way to the server; with `content` it shows as a bubble
 * @property {string} key the idempotency key: the same for every attempt
 * @property {string | null} threadId
 * @property {number} draft tells apart the new threads that have no id yet
 * @property {string} type
 * @property {Record<string, unknown>} params
 * @property {Content[] | null} content
 * @property {readonly Attachment[]} [attachments] as the bubble shows them
 * @property {boolean} [isAside] neither a message nor a retry: whoever asked for it hears of its failure
 * @property {readonly string[]} known what was there before it was sent: the thread's messages, or the threads
 * @property {number} at when it was written
 * @property {number} attempts
 * @property {"sending" | "waiting" | "held" | "failed"} status held until its thread is there again
 * @property {Error | null} error
 */

/** @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Store */

export class Outbox {
  /** @type {readonly Sending[]} */
  #sendings = [];
  #store;
  #name;

  /** @param {Store | null} store where unsent messages outlive the page @param {string} name */
  constructor(store, name) {
    this.#store = store;
    this.#name = `chatkit.outbox:${name}`;
    this.#sendings = this.#restore();
  }

  get waiting() {
    return this.#sendings.filter(({ status }) => status === "waiting");
  }

  /** @param {string | null} threadId @param {number} draft */
  in(threadId, draft) {
    return this.#sendings.filter(
      (sending) => sending.threadId === threadId && (threadId !== null || sending.draft === draft),
    );
  }

  /** @param {Omit<Sending, "key" | "at" | "attempts" | "status" | "error">} what @returns {Sending} */
  add(what) {
    /** @type {Sending} */
    const sending = { ...what, key: newKey(), at: Date.now(), attempts: 0, status: "sending", error: null };
    this.#keep([...this.#sendings, sending]);
    return sending;
  }

  /** @param {Sending} sending */
  remove(sending) {
    this.#keep(this.#sendings.filter(({ key }) => key !== sending.key));
  }

  /** The server's item has arrived: take away the bubble that stood for it.
   * @param {string | null} threadId @param {Item} item */
  settle(threadId, item) {
    const text = textOf(item);
    const sent = this.in(threadId, -1).find(
      ({ content }) => content && textOf({ ...item, content }) === text,
    );
    if (sent) this.remove(sent);
  }

  /** A new thread has its id: what was written after its first message belongs to it.
   * @param {Sending} first @param {string} threadId */
  adopt(first, threadId) {
    for (const sending of this.in(null, first.draft)) {
      if (sending !== first) sending.type = "threads.add_user_message";
      sending.threadId = threadId;
    }
    this.#keep(this.#sendings);
  }

  /** A thread was loaded: what is in it had arrived, what else was kept for it can go.
   * @param {string} threadId @param {readonly Item[]} items */
  release(threadId, items) {
    for (const sending of this.in(threadId, -1)) {
      if (sending.attempts > 0 && sending.status !== "sending" && items.some((item) => isSent(sending, item)))
        this.remove(sending);
      else if (sending.status === "held") sending.status = "waiting";
    }
  }

  /** @param {readonly Sending[]} sendings */
  #keep(sendings) {
    this.#sendings = sendings;
    const lasting = sendings.filter(({ content }) => content).map(({ error: _, ...rest }) => rest);
    try {
      if (lasting.length) this.#store?.setItem(this.#name, JSON.stringify(lasting));
      else this.#store?.removeItem(this.#name);
    } catch {
      // A full store: the message still waits in memory.
    }
  }

  /** A first message of a new thread asks before it goes: somebody else may have signed in meanwhile.
   * @returns {Sending[]} */
  #restore() {
    try {
      const kept = /** @type {Sending[]} */ (JSON.parse(this.#store?.getItem(this.#name) ?? "[]"));
      return kept
        .filter(({ at }) => Date.now() - at < KEPT_MS)
        .map((sending) => ({
          ...sending,
          draft: 0,
          attempts: Math.max(1, sending.attempts),
          status: sending.threadId ? "held" : "failed",
          error: null,
        }));
    } catch {
      return [];
    }
  }
}

/** Tell whether an item is what was sent, and not the same said before.
 * @param {Sending} sending @param {Item} item */
export function isSent({ content, known }, item) {
  return (
    content !== null &&
    item.type === "user_message" &&
    !known.includes(item.id) &&
    textOf(item) === textOf({ ...item, content })
  );
}

/** As unguessable as a UUID, which pages without https can't ask for. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
