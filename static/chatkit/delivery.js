/**
 * Sends what is in the outbox, one after another, and reads each answer to its end. No DOM.
 * @import {Client, Reply} from "./client.js"
 * @import {Outbox, Sending} from "./outbox.js"
 * @import {ThreadEvent} from "./types.js"
 */

import { isPassing, RequestError } from "./client.js";
import { findSent } from "./pages.js";
import { Retry } from "./retry.js";

/** What a server may say before it has taken anything. */
const PREFACE = new Set(["thread.created", "stream_options"]);

/**
 * @typedef {object} Exchange a request for a reply
 * @property {Sending} sending
 * @property {Reply | null} reply
 * @property {AbortController} stopper
 * @property {boolean} isFollowed a socket tells of it as well
 * @property {boolean} isOver its answer has been read
 * @property {boolean} isTaken the answer told of the message, or of what came of it
 * @typedef {object} DeliveryHears
 * @property {(exchange: Exchange) => void} begun
 * @property {(exchange: Exchange, reply: Reply) => void} answered the server has taken it
 * @property {(exchange: Exchange, event: ThreadEvent) => void} event
 * @property {(exchange: Exchange, threadId: string) => void} named a new thread has its id
 * @property {(exchange: Exchange, error?: unknown) => Promise<void> | void} ended with an error the answer broke off
 * @property {(exchange: Exchange, error: unknown) => void} refused it did not go: it waits, or failed
 * @property {(sending: Sending, threadId: string) => Promise<void> | void} found an earlier attempt had arrived
 */

export class Delivery {
  outbox;
  /** Tries again what a request could not do. */
  retry;
  #client;
  #hasKeys;
  #hears;
  #isFlushing = false;

  /** @param {{outbox: Outbox, client: () => Client, hasKeys: () => boolean, again: () => void, hears: DeliveryHears}} given
   *  `hasKeys`: the server takes a message with a known idempotency key for the same message */
  constructor({ outbox, client, hasKeys, again, hears }) {
    this.outbox = outbox;
    this.retry = new Retry(again);
    this.#client = client;
    this.#hasKeys = hasKeys;
    this.#hears = hears;
  }

  /** True while a message waits that could not be sent. */
  get isStuck() {
    return this.retry.failures > 0 && this.outbox.waiting.some(({ attempts }) => attempts > 0);
  }

  /** Try again after a while. @param {unknown} error what went wrong */
  later(error) {
    this.retry.later(error instanceof RequestError ? error.retryAfter : null);
  }

  /** Send what waits, in the order in which it was written. */
  async flush() {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    for (let [next] = this.outbox.waiting; next; [next] = this.outbox.waiting) {
      await this.deliver(next);
      if (next.status === "waiting") break;
    }
    this.#isFlushing = false;
  }

  /** @param {Sending} sending */
  async deliver(sending) {
    /** @type {Exchange} */
    const exchange = {
      sending,
      reply: null,
      stopper: new AbortController(),
      isFollowed: false,
      isOver: false,
      isTaken: false,
    };
    Object.assign(sending, { status: "sending", error: null, attempts: sending.attempts + 1 });
    this.#hears.begun(exchange);
    try {
      if (await this.#hadArrived(sending)) return;
      const params = { ...sending.params, ...(sending.threadId && { thread_id: sending.threadId }) };
      const how = { signal: exchange.stopper.signal, key: sending.key };
      exchange.reply = await this.#client().stream(sending.type, params, how);
    } catch (error) {
      this.#refused(exchange, error);
      return;
    }
    this.retry.reset();
    await this.#read(exchange, exchange.reply);
  }

  /** @param {Exchange} exchange @param {Reply} reply */
  async #read(exchange, reply) {
    const name = (/** @type {string | null | undefined} */ id) => {
      if (id && !exchange.sending.threadId) this.#hears.named(exchange, id);
    };
    name(reply.threadId);
    this.#hears.answered(exchange, reply);
    try {
      for await (const event of reply.events()) {
        if (event.type === "thread.created") name(event.thread?.id);
        exchange.isTaken ||= !PREFACE.has(event.type);
        this.#hears.event(exchange, event);
      }
    } catch (error) {
      await this.#hears.ended(exchange, error);
      return;
    }
    await this.#hears.ended(exchange);
  }

  /** Where nothing promises that a second attempt with the same key does nothing, the thread is looked at first.
   * @param {Sending} sending */
  async #hadArrived(sending) {
    if (this.#hasKeys() || sending.attempts < 2 || !sending.content) return false;
    const threadId = await findSent(this.#client(), sending);
    if (!threadId) return false;
    this.retry.reset();
    this.outbox.adopt(sending, threadId);
    this.outbox.remove(sending);
    await this.#hears.found(sending, threadId);
    return true;
  }

  /** @param {Exchange} exchange @param {unknown} error */
  #refused(exchange, error) {
    const { sending } = exchange;
    const waits = isPassing(error) && sending.content !== null;
    Object.assign(sending, { status: waits ? "waiting" : "failed", error });
    if (waits) this.later(error);
    this.#hears.refused(exchange, error);
  }
}
