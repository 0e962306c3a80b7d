/**
 * What was sent and isn't in its thread yet. No DOM, no requests.
 * @import {Attachment, Content, Item} from "./types.js"
 */

import { textOf } from "./thread.js";

/**
 * @typedef {object} Sending something on its way to the server; with `content` it shows as a bubble
 * @property {string} key the idempotency key: the same for every attempt
 * @property {string | null} threadId
 * @property {string} type
 * @property {Record<string, unknown>} params
 * @property {Content[] | null} content
 * @property {readonly Attachment[]} [attachments] as the bubble shows them
 * @property {boolean} [isAside] neither a message nor a retry: whoever asked for it hears of its failure
 * @property {"sending" | "waiting" | "failed"} status
 * @property {Error | null} error
 */

export class Outbox {
  /** @type {readonly Sending[]} */
  #sendings = [];

  get waiting() {
    return this.#sendings.filter(({ status }) => status === "waiting");
  }

  /** @param {string | null} threadId */
  in(threadId) {
    return this.#sendings.filter((sending) => sending.threadId === threadId);
  }

  /** @param {Omit<Sending, "key" | "status" | "error">} what @returns {Sending} */
  add(what) {
    /** @type {Sending} */
    const sending = { ...what, key: newKey(), status: "sending", error: null };
    this.#sendings = [...this.#sendings, sending];
    return sending;
  }

  /** @param {Sending} sending */
  remove(sending) {
    this.#sendings = this.#sendings.filter(({ key }) => key !== sending.key);
  }

  /** The server's item has arrived: take away the bubble that stood for it.
   * @param {string | null} threadId @param {Item} item */
  settle(threadId, item) {
    const text = textOf(item);
    const sent = this.in(threadId).find(({ content }) => content && textOf({ ...item, content }) === text);
    if (sent) this.remove(sent);
  }
}

/** As unguessable as a UUID, which pages without https can't ask for. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
