/**
 * One person's conversation with the server: which thread is open, what is being sent, where events come from.
 *
 * A reply reaches the page twice, as the answer to its request and over the thread's socket. The first events
 * may come from the request; from the socket's first frame of that turn on, only the socket counts.
 * @import {Item, Attachment, Options, ThreadEvent, UserInput} from "./types.js"
 * @import {DeliveryHears, Exchange} from "./delivery.js"
 * @import {Sending, Store} from "./outbox.js"
 * @import {ThreadState} from "./thread.js"
 */

import { Client, ConnectionError, isAbort, RequestError } from "./client.js";
import { Delivery } from "./delivery.js";
import { Feedbacks } from "./feedbacks.js";
import { Following } from "./following.js";
import { Outbox } from "./outbox.js";
import { Reading } from "./reading.js";
import { Remembered } from "./remembered.js";
import { soundEvent } from "./sound.js";
import { atRest, EMPTY, reduce, withCutReply, withEarlier, withoutItemsAfter, withShown } from "./thread.js";

/** So many of the last things are compared with a message that may have arrived already. */
const COMPARED = 40;
const UNKNOWN_THREAD = 4404;
/** @type {ThreadEvent} */
const END_OF_TURN = { type: "stream_options", stream_options: { allow_cancel: false } };

/**
 * @typedef {object} Hears
 * @property {(event?: ThreadEvent) => void} changed something that shows has changed
 * @property {(name: string, detail?: object) => void} happened an event for the page, by ChatKit's name
 * @property {() => readonly string[]} [knownThreads] the ids of the threads in the list
 */

export class Session {
  /** @type {ThreadState} */
  state = EMPTY;
  /** @type {string | null} */
  threadId = null;
  reading;
  feedbacks;
  signedOut = false;
  isOnline = true;
  /** Whether this page asked for the reply that ended last, and not another tab. */
  askedLast = false;
  /** While the page hears of a thread that isn't another one: the new one has got its id. */
  isNaming = false;

  #hears;
  #outbox;
  #delivery;
  /** Tells apart the new threads that have no id yet. */
  #draft = 0;
  #remembered = new Remembered();
  /** @type {Client} */
  client;
  #following;
  /** @type {Exchange | null} the last request for a reply of the open thread */
  #exchange = null;
  #wasReplying = false;
  /** The last answer broke off, and nobody knows yet what became of it. */
  #wasCut = false;

  /** @param {Options} options @param {string} language @param {Hears} hears
   *  @param {{name?: string, store?: Store | null}} [kept] where unsent messages outlive the page, and under which name */
  constructor(options, language, hears, { name = "", store = null } = {}) {
    this.#hears = hears;
    this.#following = new Following({
      frame: ({ event, turn_id }) => this.#apply(event, turn_id),
      turned: () => this.#socketTurned(),
      gone: () => this.threadId && this.reading.load(this.threadId, true),
      refused: (code) => this.#shutOut(code),
    });
    this.client = this.setOptions(options, language);
    const { changed, happened } = hears;
    const failed = (/** @type {unknown} */ error) => this.#failed(error);
    this.feedbacks = new Feedbacks({ client: () => this.client, changed, failed });
    this.reading = new Reading({
      client: () => this.client,
      loaded: (state, threadId, seq) => this.#loaded(state, threadId, seq),
      again: () => this.reload(),
      later: (error) => this.#delivery.later(error),
      failed,
      changed,
      happened,
    });
    this.#outbox = new Outbox(store, name);
    this.#delivery = new Delivery({
      outbox: this.#outbox,
      client: () => this.client,
      hasKeys: () => this.#following.live !== undefined,
      again: () => this.reconnect(),
      hears: this.#deliveryHears,
    });
  }

  /** Use these options from now on.
   * @param {Options} options @param {string} language */
  setOptions({ api, live }, language) {
    this.#following.live = live;
    const { url, fetch } = "url" in api ? api : { url: "", fetch: undefined };
    this.client = new Client({ url, language, ...(fetch && { fetch }) });
    return this.client;
  }

  /** True from the moment a message leaves until its reply has ended. */
  get isBusy() {
    return this.#isReplying || this.sendings.some(isOnItsWay);
  }

  get #isReplying() {
    return this.state.turns.length > 0 || this.#isReading;
  }

  /** True while an answer streams in that no socket tells of. */
  get #isReading() {
    return this.#exchange?.reply != null && !this.#exchange.isOver && !this.#following.isOn;
  }

  /** Whether Stop would do something: a server may have said that it can't. */
  get canStop() {
    return this.state.turns.length > 0 || this.sendings.some(isOnItsWay);
  }

  /** What was sent to the open thread and isn't in it yet. */
  get sendings() {
    return this.#outbox.in(this.threadId, this.#draft);
  }

  /** True while nothing gets through. */
  get isOffline() {
    const failures = Math.max(this.#delivery.retry.failures, this.#following.retry?.failures ?? 0);
    return !this.isOnline || failures > 1 || this.#delivery.isStuck;
  }

  /** When the connection is tried again, as a time stamp. */
  get retryAt() {
    return this.#delivery.retry.at ?? this.#following.retry?.at ?? null;
  }

  /** Whether the server tells of the open thread by itself. */
  get isFollowed() {
    return this.#following.isOn;
  }

  /** Show a thread, or with null the start of a new one. What is known of it shows at once.
   * @param {string | null} threadId */
  async open(threadId) {
    const isOther = threadId !== this.threadId;
    this.close();
    if (isOther) this.#remembered.put(this.threadId, this.state);
    const state = isOther ? this.#remembered.get(threadId) : atRest(this.state);
    Object.assign(this, { threadId, state });
    this.reading.begin();
    this.#wasCut = false;
    this.#tellReplying();
    if (isOther) this.#hears.happened("thread.change", { threadId });
    this.#hears.changed();
    if (threadId) await this.reading.load(threadId);
  }

  /** Start a new thread, also where one was begun that has no id yet. */
  async openNew() {
    this.#draft += 1;
    await this.open(null);
  }

  /** Ask for what has changed in the open thread. What is being written is newer than any answer. */
  async reload() {
    if (this.threadId && !this.#isReplying) await this.reading.load(this.threadId, true);
  }

  /** Load the page before the first item that is shown. */
  async loadEarlier() {
    const { threadId, state } = this;
    if (!threadId || !state.earlier) return;
    await this.reading.loadEarlier(threadId, state.earlier, (page) => {
      if (threadId === this.threadId && state.earlier === this.state.earlier)
        this.#show(withEarlier(this.state, page));
    });
  }

  /** Send a message. Its bubble shows at once, with the attachments that its input names; behind others that
   * wait it waits for its turn.
   * @param {UserInput} input @param {readonly Attachment[]} [attachments] */
  async send(input, attachments = []) {
    const { threadId } = this;
    const isBehind = this.sendings.some(({ status }) => status === "waiting");
    const type = threadId ? "threads.add_user_message" : "threads.create";
    const sending = this.#add({ type, params: { input }, content: input.content, attachments });
    if (!isBehind) return this.#delivery.deliver(sending);
    sending.status = "waiting";
    this.#hears.changed();
    await this.#delivery.flush();
  }

  /** Answer a message of the person again; without an id the last one.
   * @param {string} [itemId] */
  async retry(itemId) {
    const item_id = itemId ?? this.state.items.findLast(({ type }) => type === "user_message")?.id;
    if (!item_id || !this.threadId) return;
    this.state = withoutItemsAfter(this.state, item_id);
    const type = "threads.retry_after_item";
    await this.#delivery.deliver(this.#add({ type, params: { item_id }, content: null }));
  }

  /** Ask for a reply to what isn't a message: an answer to questions, a tool's result, an action.
   * Rejects when the server can't be reached or refuses.
   * @param {string} type @param {Record<string, unknown>} params */
  async respond(type, params) {
    const sending = this.#add({ type, params, content: null, isAside: true });
    await this.#delivery.deliver(sending);
    if (sending.error) throw sending.error;
  }

  /** Tell the server what was done in a widget, and take the item that it answers with. This may be done while a
   * reply is being written.
   * @param {Record<string, unknown>} params */
  async respondAside(params) {
    const { threadId } = this;
    const asked = { thread_id: threadId, ...params };
    try {
      const { data } = await this.client.request("threads.sync_custom_action", asked);
      const { updated_item: item } = /** @type {{updated_item?: Item | null}} */ (data ?? {});
      if (item && threadId === this.threadId) this.#apply({ type: "thread.item.replaced", item }, null);
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  /** Stop the reply that is being written, whoever asked for it. */
  async stop() {
    const turnId = this.state.turns[0];
    const own = this.#exchange;
    const isOwn =
      own?.sending.threadId === this.threadId &&
      (!turnId || !own?.reply?.turnId || own.reply.turnId === turnId);
    if (own && isOwn && !own.stopper.signal.aborted) own.stopper.abort();
    else if (this.threadId && turnId) await this.#following.live?.cancel?.(this.threadId, turnId);
  }

  /** Send again what could not be sent.
   * @param {Sending} sending */
  async resend(sending) {
    await this.#delivery.deliver(sending);
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

  /** @param {boolean} isOnline */
  setOnline(isOnline) {
    this.isOnline = isOnline;
    if (isOnline) this.reconnect();
    this.#hears.changed();
  }

  /** Try now what would be tried later. */
  reconnect() {
    this.#delivery.retry.pause();
    if (this.reading.error && this.threadId) this.reading.load(this.threadId, this.state.items.length > 0);
    this.#following.restart();
    this.#delivery.flush();
  }

  /** Let go of every connection. Nothing is cancelled by it. */
  close() {
    this.reading.stop();
    this.#delivery.retry.reset();
    this.#following.stop();
    this.#exchange?.reply?.close();
    this.#exchange = null;
  }

  /** @param {ThreadState} state with a page more */
  #show(state) {
    this.state = state;
    const [first] = state.items;
    if (first) this.reading.pageStarts.add(first.id);
  }

  /** @param {ThreadState} given @param {string} threadId @param {string | null} seq */
  #loaded(given, threadId, seq) {
    const state = withShown(given, this.state);
    const isReplyDue = state.items.at(-1)?.type === "user_message";
    this.#wasCut &&= isReplyDue;
    this.#show(this.#wasCut ? withCutReply(state, this.state) : state);
    this.#delivery.retry.reset();
    this.#following.start(threadId, seq);
    this.#outbox.release(threadId, state.items.slice(-COMPARED));
    if (this.#outbox.waiting.length) this.#delivery.flush();
    else if (!this.#following.isOn && isReplyDue) this.reading.expectReply();
    else this.reading.expectNothing();
  }

  #socketTurned() {
    if (this.#following.isOpen) this.#delivery.flush();
    this.#hears.changed();
  }

  /** @param {number} code */
  #shutOut(code) {
    if (code === UNKNOWN_THREAD) this.reading.error = new RequestError(404, {}, null);
    else this.signedOut = true;
    this.#hears.changed();
  }

  /** @param {ThreadEvent} given @param {string | null} turnId */
  #apply(given, turnId) {
    const event = soundEvent(given);
    this.state = reduce(this.state, event, turnId);
    const { item } = event;
    if (event.type === "thread.item.done" && item?.type === "user_message")
      this.#outbox.settle(this.threadId, item);
    if (event.type === "client_effect")
      this.#hears.happened("effect", { name: event.name, data: event.data });
    if (event.type === "error") this.#failed(new Error(event.message ?? event.code ?? "error"));
    this.#tellReplying();
    this.#hears.changed(event);
  }

  #tellReplying() {
    if (this.#isReplying === this.#wasReplying) return;
    this.#wasReplying = this.#isReplying;
    if (!this.#wasReplying) {
      this.askedLast = this.#exchange !== null;
      this.#exchange = null;
    }
    this.#hears.happened(this.#wasReplying ? "response.start" : "response.end");
  }

  /** @param {Pick<Sending, "type" | "params" | "content" | "attachments" | "isAside">} what */
  #add(what) {
    const { threadId } = this;
    const own = this.state.items.filter((item) => item.type === "user_message").map(({ id }) => id);
    const known = threadId ? own.slice(-COMPARED) : (this.#hears.knownThreads?.() ?? []);
    return this.#outbox.add({ ...what, threadId, draft: this.#draft, known });
  }

  /** @param {Sending} sending */
  #isShown({ threadId, draft }) {
    return threadId === this.threadId && (threadId !== null || draft === this.#draft);
  }

  /** @type {DeliveryHears} */
  #deliveryHears = {
    begun: (exchange) => {
      if (this.#isShown(exchange.sending)) {
        this.#exchange = exchange;
        this.#wasCut = false;
      }
      this.reading.expectNothing();
      this.#hears.changed();
    },
    answered: (exchange, reply) => {
      exchange.isFollowed = this.#following.expect(reply);
    },
    named: (exchange, threadId) => this.#adopt(exchange, threadId),
    event: (exchange, event) => {
      if (!exchange.isFollowed && this.#exchange === exchange)
        this.#apply(event, exchange.reply?.turnId ?? null);
    },
    ended: (exchange, error) => this.#replyEnded(exchange, error),
    refused: (exchange, error) => this.#refused(exchange, error),
    found: (sending, threadId) => this.#found(sending, threadId),
  };

  /** A message had arrived that seemed lost. @param {Sending} sending @param {string} threadId */
  async #found(sending, threadId) {
    const isNew = this.threadId === null && sending.draft === this.#draft;
    if (!isNew && this.threadId !== threadId) return;
    this.#exchange = null;
    if (isNew) await this.open(threadId);
    else await this.reload();
  }

  /** A new thread has its id: follow it from its first event.
   * @param {Exchange} exchange @param {string} threadId */
  #adopt(exchange, threadId) {
    const isShown = this.#isShown(exchange.sending) && this.#exchange === exchange;
    this.#outbox.adopt(exchange.sending, threadId);
    if (!isShown) return;
    this.threadId = threadId;
    this.state = { ...this.state, thread: { id: threadId, created_at: new Date().toISOString() } };
    this.#following.start(threadId, "0");
    this.isNaming = true;
    this.#hears.happened("thread.change", { threadId });
    this.isNaming = false;
    this.#hears.changed();
  }

  /** The answer is over. If it was cut off the reply goes on: the socket tells of it, or the thread is asked for.
   * @param {Exchange} exchange @param {unknown} [error] */
  async #replyEnded(exchange, error) {
    const isOurs = this.#exchange === exchange && !this.#following.isOn;
    const isLost = isOurs && exchange.sending.content && !exchange.isTaken && !isAbort(error);
    const failure = isLost ? (error ?? new ConnectionError("The answer was empty.")) : error;
    // The server said nothing of it: it stays, unless the thread turns out to hold it.
    if (isLost) Object.assign(exchange.sending, { status: "failed", error: failure });
    else this.discard(exchange.sending);
    if (!isOurs) return;
    const isCut = error ? !isAbort(error) : this.state.drafts.size > 0;
    exchange.isOver = true;
    this.#apply(END_OF_TURN, exchange.reply?.turnId ?? null);
    this.#exchange = null;
    if (!isCut && !isLost) return;
    if (failure) this.#failed(failure);
    this.#wasCut = isCut;
    await this.reload();
  }

  /** @param {Exchange} exchange @param {unknown} error */
  #refused(exchange, error) {
    const { sending } = exchange;
    if (this.#exchange === exchange) this.#exchange = null;
    if (isAbort(error)) {
      this.discard(sending);
      this.reload();
      return;
    }
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

/** @param {Sending} sending */
const isOnItsWay = ({ status }) => status === "sending";
