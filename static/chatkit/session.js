/**
 * One person's conversation with the server: which thread is open, what is being sent, where events come from.
 *
 * A reply reaches the page twice, as the answer to its request and over the thread's socket. The first events
 * may come from the request; from the socket's first frame of that turn on, only the socket counts.
 * @import {Attachment, Item, Options, Page, ThreadEvent, ThreadWithItems, UserInput} from "./types.js"
 * @import {Reply} from "./client.js"
 * @import {Sending} from "./outbox.js"
 * @import {ThreadState} from "./thread.js"
 */

import { Client, ConnectionError, isAbort, RequestError } from "./client.js";
import { LiveFeed } from "./live.js";
import { Outbox } from "./outbox.js";
import { Retry } from "./retry.js";
import { EMPTY, fromSnapshot, reduce, withEarlier, withoutItemsAfter } from "./thread.js";

const PAGE_SIZE = 40;
/** How long an open socket may stay silent about a turn that its request has begun. */
const SILENCE_MS = 4000;
const UNKNOWN_THREAD = 4404;
/** @type {ThreadEvent} */
const END_OF_TURN = { type: "stream_options", stream_options: { allow_cancel: false } };

/**
 * @typedef {"positive" | "negative"} FeedbackKind
 * @typedef {{reply: Reply | null, stopper: AbortController, threadId: string | null}} Exchange
 * @typedef {object} Hears
 * @property {(event?: ThreadEvent) => void} changed something that shows has changed
 * @property {(name: string, detail?: object) => void} happened an event for the page, by ChatKit's name
 */

export class Session {
  /** @type {ThreadState} */
  state = EMPTY;
  /** @type {string | null} */
  threadId = null;
  /** @type {ReadonlyMap<string, FeedbackKind>} */
  feedbacks = new Map();
  loading = false;
  /** @type {Error | null} */
  loadError = null;
  signedOut = false;
  isOnline = true;
  /** Whether this page asked for the reply that ended last, and not another tab. */
  askedLast = false;

  #hears;
  #outbox = new Outbox();
  /** Tries again what a request could not do. */
  #retry = new Retry(() => this.reconnect());
  /** @type {Client} */
  client;
  /** @type {Options["live"]} */
  #live;
  /** @type {LiveFeed | null} */
  #feed = null;
  /** @type {Exchange | null} the last request for a reply of the open thread */
  #exchange = null;
  /** Changes with every load, so that a slow answer to an earlier one is told apart. */
  #visit = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence;

  /** @param {Options} options @param {string} language @param {Hears} hears */
  constructor(options, language, hears) {
    this.#hears = hears;
    this.client = this.setOptions(options, language);
  }

  /** Use these options from now on.
   * @param {Options} options @param {string} language */
  setOptions({ api, live }, language) {
    this.#live = live;
    const { url, fetch } = "url" in api ? api : { url: "", fetch: undefined };
    this.client = new Client({ url, language, ...(fetch && { fetch }) });
    return this.client;
  }

  /** True from the moment a message leaves until its reply has ended. */
  get isBusy() {
    return this.state.turns.length > 0 || this.sendings.some(({ status }) => status === "sending");
  }

  /** What was sent to the open thread and isn't in it yet. */
  get sendings() {
    return this.#outbox.in(this.threadId);
  }

  /** True while nothing gets through. */
  get isOffline() {
    const failures = Math.max(this.#retry.failures, this.#feed?.retry.failures ?? 0);
    return !this.isOnline || failures > 1 || this.#outbox.waiting.length > 0;
  }

  /** When the connection is tried again, as a time stamp. */
  get retryAt() {
    return this.#retry.at ?? this.#feed?.retry.at ?? null;
  }

  /** Show a thread, or with null the start of a new one.
   * @param {string | null} threadId */
  async open(threadId) {
    const isOther = threadId !== this.threadId;
    this.close();
    Object.assign(this, { threadId, state: EMPTY, loadError: null, loading: false });
    if (isOther) this.#hears.happened("thread.change", { threadId });
    this.#hears.changed();
    if (threadId) await this.#load(threadId);
  }

  /** Load the open thread afresh. */
  async reload() {
    if (this.threadId) await this.#load(this.threadId);
  }

  /** Load the page before the first item that is shown. */
  async loadEarlier() {
    const { threadId, state } = this;
    if (!threadId || !state.earlier) return;
    const page = await this.#listItems(threadId, state.earlier);
    if (threadId !== this.threadId) return;
    this.state = withEarlier(this.state, page);
    this.#hears.changed();
  }

  /** Send a message. Its bubble shows at once, with the attachments that its input names.
   * @param {UserInput} input @param {readonly Attachment[]} [attachments] */
  async send(input, attachments = []) {
    const { threadId } = this;
    const type = threadId ? "threads.add_user_message" : "threads.create";
    const { content } = input;
    await this.#deliver(this.#outbox.add({ threadId, type, params: { input }, content, attachments }));
  }

  /** Answer a message of the person again; without an id the last one.
   * @param {string} [itemId] */
  async retry(itemId) {
    const { threadId } = this;
    const item_id = itemId ?? this.state.items.findLast(({ type }) => type === "user_message")?.id;
    if (!item_id || !threadId) return;
    this.state = withoutItemsAfter(this.state, item_id);
    const type = "threads.retry_after_item";
    await this.#deliver(this.#outbox.add({ threadId, type, params: { item_id }, content: null }));
  }

  /** Ask for a reply to what isn't a message: an answer to questions, a tool's result, an action.
   * Rejects when the server can't be reached or refuses.
   * @param {string} type @param {Record<string, unknown>} params */
  async respond(type, params) {
    const { threadId } = this;
    const sending = this.#outbox.add({ threadId, type, params, content: null, isAside: true });
    await this.#deliver(sending);
    if (sending.error) throw sending.error;
  }

  /** Stop the reply that is being written, whoever asked for it. */
  async stop() {
    const turnId = this.state.turns[0];
    const own = this.#exchange;
    const isOwn =
      own?.threadId === this.threadId && (!turnId || !own?.reply?.turnId || own.reply.turnId === turnId);
    if (own && isOwn && !own.stopper.signal.aborted) own.stopper.abort();
    else if (this.threadId && turnId) await this.#live?.cancel?.(this.threadId, turnId);
  }

  /** Send again what could not be sent.
   * @param {Sending} sending */
  async resend(sending) {
    await this.#deliver(sending);
  }

  /** Forget what could not be sent.
   * @param {Sending} sending */
  discard(sending) {
    this.#outbox.remove(sending);
    this.#hears.changed();
  }

  /** The open thread has a new title. @param {string} title */
  renamed(title) {
    if (this.state.thread) this.state = { ...this.state, thread: { ...this.state.thread, title } };
    this.#hears.changed();
  }

  /** @param {string} itemId @param {FeedbackKind} kind */
  async giveFeedback(itemId, kind) {
    const before = this.feedbacks;
    this.feedbacks = new Map(before).set(itemId, kind);
    this.#hears.changed();
    try {
      await this.client.request("items.feedback", { thread_id: this.threadId, item_ids: [itemId], kind });
    } catch (error) {
      this.feedbacks = before;
      this.#failed(error);
    }
  }

  /** @param {boolean} isOnline */
  setOnline(isOnline) {
    this.isOnline = isOnline;
    if (isOnline) this.reconnect();
    this.#hears.changed();
  }

  /** Try now what would be tried later. */
  reconnect() {
    this.#retry.pause();
    if (this.loadError) this.reload();
    this.#feed?.restart();
    for (const sending of this.#outbox.waiting) this.#deliver(sending);
  }

  /** Let go of every connection. Nothing is cancelled by it. */
  close() {
    this.#visit += 1;
    clearTimeout(this.#silence);
    this.#retry.reset();
    this.#feed?.close();
    this.#exchange?.reply?.close();
    this.#feed = this.#exchange = null;
  }

  /** @param {string} threadId */
  async #load(threadId) {
    this.#visit += 1;
    const visit = this.#visit;
    Object.assign(this, { loading: true, loadError: null });
    this.#hears.happened("thread.load.start", { threadId });
    this.#hears.changed();
    try {
      const { data, headers } = await this.client.request("threads.get_by_id", { thread_id: threadId });
      const loaded = /** @type {ThreadWithItems} */ (data);
      const newest = loaded.items?.has_more ? await this.#listItems(threadId) : null;
      if (visit !== this.#visit) return;
      this.state = fromSnapshot(loaded, newest);
      this.#follow(threadId, headers.get("X-Chat-Seq"));
    } catch (error) {
      if (visit !== this.#visit) return;
      this.loadError = error instanceof Error ? error : new Error(String(error));
      this.#failed(error);
      if (error instanceof ConnectionError) this.#retry.later();
    }
    this.loading = false;
    this.#hears.happened("thread.load.end", { threadId });
    this.#hears.changed();
  }

  /** @param {string} threadId @param {string} [after] @returns {Promise<Page<Item>>} */
  async #listItems(threadId, after) {
    const params = { thread_id: threadId, limit: PAGE_SIZE, order: "desc", ...(after && { after }) };
    const { data } = await this.client.request("items.list", params);
    return /** @type {Page<Item>} */ (data);
  }

  /** @param {string} threadId @param {string | null} afterSeq */
  #follow(threadId, afterSeq) {
    this.#feed?.close();
    this.#feed = null;
    if (!this.#live || afterSeq === null) return;
    this.#feed = new LiveFeed({
      url: this.#live.url(threadId),
      afterSeq: Number(afterSeq),
      hears: {
        frame: ({ event, turn_id }) => {
          this.#supersede(turn_id);
          this.#apply(event, turn_id);
        },
        turned: () => this.#feedTurned(),
        gone: () => this.#load(threadId),
        refused: (code) => this.#refused(code),
      },
    });
  }

  #feedTurned() {
    if (this.#feed?.isOpen) for (const sending of this.#outbox.waiting) this.#deliver(sending);
    this.#hears.changed();
  }

  /** @param {number} code */
  #refused(code) {
    if (code === UNKNOWN_THREAD) this.loadError = new RequestError(404, {}, null);
    else this.signedOut = true;
    this.#hears.changed();
  }

  /** The socket tells of a turn: the answer to its request is no longer read.
   * @param {string | null} turnId */
  #supersede(turnId) {
    const reply = this.#exchange?.reply;
    if (!reply || reply.turnId !== turnId) return;
    clearTimeout(this.#silence);
    reply.close();
  }

  /** @param {ThreadEvent} event @param {string | null} turnId */
  #apply(event, turnId) {
    const wasRunning = this.state.turns.length > 0;
    this.state = reduce(this.state, event, turnId);
    const isRunning = this.state.turns.length > 0;
    const { item } = event;
    if (event.type === "thread.item.done" && item?.type === "user_message")
      this.#outbox.settle(this.threadId, item);
    if (event.type === "client_effect")
      this.#hears.happened("effect", { name: event.name, data: event.data });
    if (event.type === "error") this.#failed(new Error(event.message ?? event.code ?? "error"));
    if (isRunning && !wasRunning) this.#hears.happened("response.start");
    if (wasRunning && !isRunning) {
      this.askedLast = this.#exchange !== null;
      this.#exchange = null;
      this.#hears.happened("response.end");
    }
    this.#hears.changed(event);
  }

  /** @param {Sending} sending */
  async #deliver(sending) {
    /** @type {Exchange} */
    const exchange = { reply: null, stopper: new AbortController(), threadId: sending.threadId };
    if (sending.threadId === this.threadId) this.#exchange = exchange;
    Object.assign(sending, { status: "sending", error: null });
    this.#hears.changed();
    try {
      const params = { ...sending.params, ...(sending.threadId && { thread_id: sending.threadId }) };
      const how = { signal: exchange.stopper.signal, key: sending.key };
      exchange.reply = await this.client.stream(sending.type, params, how);
      this.#retry.reset();
      await this.#read(exchange, exchange.reply, sending);
    } catch (error) {
      if (exchange.reply) this.#replyBroke(exchange, sending, error);
      else this.#notDelivered(exchange, sending, error);
    }
  }

  /** @param {Exchange} exchange @param {Reply} reply @param {Sending} sending */
  async #read(exchange, reply, sending) {
    const isFollowed = this.#feed?.isOpen ?? false;
    if (reply.threadId) this.#adopt(exchange, sending, reply.threadId);
    if (isFollowed) this.#expectFrame(reply);
    for await (const event of reply.events()) {
      if (event.type === "thread.created" && event.thread) this.#adopt(exchange, sending, event.thread.id);
      if (!isFollowed && this.#exchange === exchange) this.#apply(event, reply.turnId);
    }
    this.discard(sending);
    if (this.#exchange === exchange && !this.#feed) this.#apply(END_OF_TURN, reply.turnId);
  }

  /** A new thread has its id: follow it from its first event.
   * @param {Exchange} exchange @param {Sending} sending @param {string} threadId */
  #adopt(exchange, sending, threadId) {
    if (sending.threadId) return;
    sending.threadId = exchange.threadId = threadId;
    if (this.threadId || this.#exchange !== exchange) return;
    this.threadId = threadId;
    this.state = { ...this.state, thread: { id: threadId, created_at: new Date().toISOString() } };
    this.#follow(threadId, "0");
    this.#hears.happened("thread.change", { threadId });
    this.#hears.changed();
  }

  /** An open socket that stays silent about a turn is a dead one: open it anew.
   * @param {Reply} reply */
  #expectFrame(reply) {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      if (this.#exchange?.reply === reply) this.#feed?.restart();
    }, SILENCE_MS);
  }

  /** The answer's stream broke off. The reply goes on: the socket tells of it, or the thread is loaded again.
   * @param {Exchange} exchange @param {Sending} sending @param {unknown} error */
  #replyBroke(exchange, sending, error) {
    this.discard(sending);
    if (this.#exchange !== exchange || this.#feed) return;
    this.#apply(END_OF_TURN, exchange.reply?.turnId ?? null);
    if (isAbort(error)) return;
    this.#failed(error);
    this.reload();
  }

  /** @param {Exchange} exchange @param {Sending} sending @param {unknown} error */
  #notDelivered(exchange, sending, error) {
    if (this.#exchange === exchange) this.#exchange = null;
    if (isAbort(error)) {
      this.discard(sending);
      this.reload();
      return;
    }
    const waits = error instanceof ConnectionError && sending.content !== null;
    Object.assign(sending, { status: waits ? "waiting" : "failed", error });
    if (waits) this.#retry.later();
    if (sending.isAside) this.#outbox.remove(sending);
    else if (!sending.content) this.#retryRefused(sending, error);
    this.#failed(error);
  }

  /** @param {Sending} sending @param {unknown} error */
  #retryRefused(sending, error) {
    this.#outbox.remove(sending);
    const { code, message } = error instanceof RequestError ? error : { code: "connection", message: null };
    this.state = { ...this.state, failure: { code, message, allowRetry: true } };
  }

  /** @param {unknown} error */
  #failed(error) {
    if (error instanceof RequestError && error.status === 401) this.signedOut = true;
    this.#hears.happened("error", { error: error instanceof Error ? error : new Error(String(error)) });
    this.#hears.changed();
  }
}
