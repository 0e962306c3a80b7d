/**
 * What one element holds between its state and its views: the session, the list, and what is open on the screen.
 * @import {Attachment, Prompt, Options, ThreadEvent, UserInput} from "./types.js"
 * @import {Actions, Model, Ui} from "./views/model.js"
 * @import {Action} from "./widgets/types.js"
 */

import { nothing, render } from "lit/html.js";
import { Announcer } from "./announce.js";
import { ClientTools } from "./clienttools.js";
import { Composing } from "./composing.js";
import { deeplinkOf } from "./deeplinks.js";
import { Elsewhere } from "./elsewhere.js";
import { listen } from "./gestures.js";
import { Language } from "./language.js";
import { Overlays } from "./overlays.js";
import { Previews } from "./previews.js";
import { Questions } from "./questions.js";
import { Search } from "./search.js";
import { Session } from "./session.js";
import { staffState } from "./thread.js";
import { ThreadList } from "./threads.js";
import { chat } from "./views/chat.js";
import { openDialogs } from "./views/dialogs.js";
import { Held } from "./views/held.js";
import { Pictures } from "./views/pictures.js";
import { Place } from "./views/place.js";

/** Stop can be pressed again when nothing has come of it for so long. */
const STOP_MS = 5000;
/** What ends a dictation. */
const SPEAKING = ".composer__row--speech .send";
/** Where a person writes: the composer, or the answers in its place. */
const WRITING = ":is(.composer__text, .ask :is(input, textarea))";

export class App {
  session;
  list;
  search;
  tools;
  questions;
  composing;
  previews;
  #root;
  #options;
  #elsewhere;
  #overlays;
  #language;
  /** The first thread is there, or has failed to be. @type {Promise<void>} */
  begun = Promise.resolve();
  #isOver = false;
  /** @type {(name: string, detail?: object) => void} */
  #happened;
  /** @type {Ui} */
  #ui = { isScrolledUp: false, isStopping: false };
  #announcer = new Announcer(
    () => this.#language.strings,
    () => this.schedule(),
  );
  #place = new Place();
  #held = new Held();
  #pictures = new Pictures(
    () => this.draw(),
    () => this.session.isBusy,
  );
  /** What the page was told last of the thread, by the event's name. @type {Map<string, string | null>} */
  #told = new Map();
  /** Called when no reply is being written any more. @type {((value?: unknown) => void)[]} */
  #waiting = [];
  /** Ends with the connection, and its listeners with it. @type {AbortController | null} */
  #gestures = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #countdown;

  /** @param {ShadowRoot} root @param {Options} options @param {string} place where a tab keeps what it keeps for this one
   * @param {(name: string, detail?: object) => void} happened */
  constructor(root, options, place, happened) {
    this.#root = root;
    this.#options = options;
    this.#language = new Language(options, () => this.draw());
    this.#happened = happened;
    this.session = new Session(
      options,
      this.#language.wanted,
      {
        changed: (event) => this.#changed(event),
        happened: (name, detail) => this.#heard(name, detail),
        knownThreads: () => this.list.threads.map(({ id }) => id),
      },
      { name: place, store: tabStore() },
    );
    this.list = new ThreadList(
      () => this.session.client,
      () => this.schedule(),
    );
    this.search = new Search({
      search: () => this.#options.history?.search,
      listed: () => this.list.threads,
      changed: () => this.schedule(),
    });
    this.tools = new ClientTools(
      this.session,
      () => this.#options,
      () => this.schedule(),
    );
    this.questions = new Questions(this.session, () => this.schedule());
    this.previews = new Previews(
      () => this.#options,
      () => this.schedule(),
      (error) => this.#happened("error", { error }),
    );
    this.composing = new Composing({
      name: place,
      session: this.session,
      options: () => this.#options,
      strings: () => this.#language.strings,
      changed: () => this.schedule(),
      happened: (name, detail) => this.#happened(name, detail),
      place: (caret, isLate) => this.#placeCaret(caret, isLate),
      pickFiles: () => this.#find(".composer__picker")?.click(),
    });
    this.#elsewhere = new Elsewhere(this.session, this.list, happened);
    this.#overlays = new Overlays({
      root,
      session: this.session,
      list: this.list,
      elsewhere: this.#elsewhere,
      strings: () => this.#language.strings,
      changed: () => this.schedule(),
      happened,
    });
  }

  /** @param {Options} options */
  setOptions(options) {
    const before = this.#options;
    this.#options = options;
    this.#language.setOptions(options);
    this.session.setOptions(options, this.#language.wanted);
    this.composing.keepOffered();
    if (options.history?.enabled === false) this.hideHistory();
    if (this.#gestures?.signal.aborted === false) this.#follow(before, options);
    this.schedule();
  }

  /** What was asked of another address, or was told by another socket, is asked again.
   * @param {Options} before @param {Options} options */
  #follow(before, options) {
    const isMoved = addressOf(before) !== addressOf(options);
    if (before.live?.changes !== options.live?.changes) this.#elsewhere.follow(options);
    if (isMoved) this.list.load();
    if (isMoved || !before.live !== !options.live) this.session.reload();
  }

  /** Connect, and show a thread.
   * @param {string | null} [threadId] */
  resume(threadId = this.session.threadId) {
    this.#elsewhere.follow(this.#options);
    this.#gestures?.abort();
    this.#gestures = new AbortController();
    listen(this.#root, this, this.#gestures.signal);
    this.list.load();
    this.begun = this.session.open(threadId);
  }

  /** Let go of every connection. */
  close() {
    this.#gestures?.abort();
    this.composing.dictation?.cancel();
    this.#elsewhere.close();
    this.session.close();
  }

  /** Leave the page to another one. */
  end() {
    this.close();
    this.#isOver = true;
    render(nothing, this.#root);
  }

  /** The page was hidden, or is: another tab may have changed the list meanwhile. */
  seenAgain() {
    if (document.visibilityState !== "visible") return;
    this.#elsewhere.seen(this.session.threadId);
    this.#elsewhere.changed(this.session.threadId);
  }

  /** @param {UserInput} input @param {{isNewThread?: boolean, attachments?: readonly Attachment[]}} [how] */
  async send(input, { isNewThread = false, attachments = [] } = {}) {
    if (isNewThread) this.session.openNew(); // at once: nothing is loaded for it
    this.#toLatest();
    await this.session.send(input, attachments);
  }

  /** Send an action; one whose reply streams waits for the reply that is being written, and then for its own.
   * @param {Action} action @param {string | null} itemId @param {boolean} streams */
  async sendAction(action, itemId, streams) {
    const { threadId } = this.session;
    if (!threadId) throw new Error("An action belongs to a thread, and none is open.");
    const params = { ...(itemId && { item_id: itemId }), action };
    if (!streams) return this.session.respondAside(params);
    await this.#idle();
    if (this.session.threadId !== threadId)
      throw new Error("The thread was left before the action could go.");
    await this.session.respond("threads.custom_action", params);
    await this.#idle();
  }

  async #idle() {
    while (this.session.isBusy) await new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Its words are there, and so it was drawn. */
  get drawn() {
    return this.#language.ready;
  }

  focusComposer() {
    this.#focus(WRITING);
  }

  showHistory() {
    if (this.#options.history?.enabled !== false) this.#overlays.showSheet();
  }

  hideHistory() {
    this.#overlays.hideSheet();
  }

  /** Draw soon. */
  schedule() {
    this.#pictures.schedule();
  }

  /** Draw now. */
  draw() {
    if (!this.#language.isThere || this.#isOver) return;
    const hadFocus = Boolean(this.#root.activeElement?.closest(".dock"));
    const draw = () => render(chat(this.#model()), this.#root);
    this.#place.keep(this.#root, draw, this.#held.now(this.session, this.#options));
    if (this.#overlays.isOpen) openDialogs(this.#root);
    if (hadFocus && !this.#root.activeElement) this.#focus(this.#find(SPEAKING) ? SPEAKING : WRITING);
    this.#keepCountdown();
  }

  /** @returns {Model} */
  #model() {
    return {
      options: this.#options,
      strings: this.#language.strings,
      language: this.#language.name,
      direction: this.#language.direction,
      session: this.session,
      list: this.list,
      search: this.search,
      tools: this.tools,
      questions: this.questions,
      composing: this.composing,
      previews: this.previews,
      said: this.#announcer.said,
      overlays: this.#overlays,
      ui: this.#ui,
      act: this.#actions,
    };
  }

  /** @type {Actions} */
  #actions = {
    send: () => this.#sendWritten(),
    sendPrompt: (prompt) => this.#sendPrompt(prompt),
    stop: () => this.#stop(),
    retry: (itemId) => this.#inPlace(() => this.session.retry(itemId)),
    resend: (sending) => this.#inPlace(() => this.session.resend(sending)),
    discard: (sending) => this.#inPlace(() => this.session.discard(sending)),
    reconnect: () => this.#inPlace(() => this.session.reconnect()),
    reload: () => location.reload(),
    redraw: () => this.schedule(),
    showEarlier: () => this.#showEarlier(),
    sendAction: (action, item, streams) => this.sendAction(action, item.id, streams),
    failed: (error) => this.#happened("error", { error }),
    askForStaff: () => this.#inPlace(() => this.#askForStaff()),
    giveFeedback: (itemId, kind) => this.session.feedbacks.give(this.session.threadId, itemId, kind),
    scrolled: () => this.#scrolled(),
    goToLatest: () => this.#toLatest(),
    followLink: (event) => this.#followLink(event),
    openThread: (threadId) => this.#openThread(threadId),
    showSheet: () => this.showHistory(),
    showMoreThreads: () => this.list.loadMore(),
    reloadThreads: () => this.list.load(),
  };

  async #askForStaff() {
    const { threadId } = this.session;
    try {
      if (threadId) await this.#options.live?.askForStaff?.(threadId);
    } catch (error) {
      this.#announcer.say(this.#language.strings.actionFailed);
      this.#happened("error", { error });
    }
  }

  /** @param {Partial<Ui>} change */
  #change(change) {
    Object.assign(this.#ui, change);
    this.schedule();
  }

  async #sendWritten() {
    if (this.session.isBusy) return;
    const taken = this.composing.take();
    if (taken) await this.send(taken.input, taken);
  }

  /** @param {Prompt} prompt */
  async #sendPrompt({ label, prompt }) {
    if (this.session.isBusy) return;
    this.#happened("log", { name: "start_screen.prompt.select", data: { label } });
    this.focusComposer();
    const { content } = typeof prompt === "string" ? textInput(prompt) : { content: prompt };
    await this.send({ ...textInput(""), content, inference_options: this.composing.inference });
  }

  /** Act by a button that goes away with it: the focus stays in the conversation.
   * @param {() => unknown} act */
  #inPlace(act) {
    act();
    this.#focusConversation();
  }

  /** Where there is a keyboard, on to the next message; a phone's own would cover what is read. */
  #focusConversation() {
    this.#focus(matchMedia("(pointer: fine)").matches ? WRITING : ".chat__scroll");
  }

  /** @param {string} selector */
  #focus(selector) {
    this.#find(selector)?.focus();
  }

  /** @param {string} selector @returns {HTMLElement | null} */
  #find(selector) {
    return this.#root.querySelector(selector);
  }

  /** @param {number} caret @param {boolean} [isLate] it was asked for a while ago: who is elsewhere by now stays there */
  #placeCaret(caret, isLate = false) {
    this.draw();
    const isHere = document.activeElement === document.body || this.#root.activeElement?.closest(".dock");
    if (isLate && !isHere) return;
    const field = this.#find(".composer__text");
    if (!(field instanceof HTMLTextAreaElement)) return;
    field.focus();
    field.setSelectionRange(caret, caret);
  }

  /** Who pressed the button stays in the conversation: the button goes. */
  #showEarlier() {
    if (this.#root.activeElement?.closest(".thread__earlier")) this.#focus(".chat__scroll");
    this.session.loadEarlier();
  }

  async #stop() {
    this.#change({ isStopping: true });
    this.#focusConversation();
    await this.session.stop().catch((error) => {
      this.#happened("error", { error });
      this.#change({ isStopping: false });
    });
    setTimeout(() => this.#change({ isStopping: false }), STOP_MS);
  }

  /** @param {string | null} threadId */
  async #openThread(threadId) {
    this.#overlays.hideSheet();
    const isOpen = threadId === this.session.threadId && !this.session.reading.error;
    const opening = threadId ? !isOpen && this.session.open(threadId) : this.session.openNew();
    // At once: who goes on elsewhere while it loads isn't called back.
    this.draw();
    this.#focusConversation();
    await opening;
  }

  /** @param {ThreadEvent} [event] */
  #changed(event) {
    if (!this.session.isBusy) {
      this.#ui.isStopping = false;
      for (const goOn of this.#waiting.splice(0)) goOn();
    }
    if (event?.thread) this.list.put(event.thread);
    this.#tellPage();
    if (event?.type.startsWith("thread.item."))
      this.#announcer.follow(event.item?.id ?? event.item_id ?? "", this.session.state);
    this.schedule();
  }

  /** The page may show elsewhere what the thread is called, and whether a person has it. */
  #tellPage() {
    const { threadId, state } = this.session;
    const listed = this.list.threads.find(({ id }) => id === threadId);
    const title = state.thread?.title ?? listed?.title ?? null;
    this.#tell("thread.title", { threadId, title }, title);
    const staff = staffState(state);
    const status = state.thread?.status?.type ?? "active";
    this.#tell("thread.staff", { threadId, staff, status }, `${threadId} ${staff} ${status}`);
  }

  /** @param {string} name @param {object} detail @param {string | null} news what it is told for: the same isn't told again */
  #tell(name, detail, news) {
    if (this.#told.get(name) === news) return;
    this.#told.set(name, news);
    this.#happened(name, detail);
  }

  /** @param {string} name @param {object} [detail] */
  #heard(name, detail) {
    const failed = (/** @type {unknown} */ error) => this.#happened("error", { error });
    if (name === "thread.change") this.#threadChanged();
    if (name === "thread.load.end") {
      this.#announcer.skip(this.session.state.items);
      this.#elsewhere.seen(this.session.threadId);
      this.tools.threadLoaded(failed);
    }
    if (name === "response.end") {
      this.#announcer.say(this.#language.strings.replyEnded);
      this.tools.replyEnded(failed);
      if (!this.session.isFollowed) this.#elsewhere.tell(this.session.threadId);
    }
    // For the page, what begins also ends; here nothing was loaded.
    this.#happened(name === "thread.load.left" ? "thread.load.end" : name, detail);
  }

  /** Another thread is shown, from its end on; or the new one has got its id. */
  #threadChanged() {
    const { threadId, isNaming } = this.session;
    this.composing.follow(threadId, isNaming);
    if (isNaming) return;
    this.#toLatest();
    this.#change({ isScrolledUp: false });
  }

  #scrolled() {
    const isScrolledUp = this.#place.moved();
    if (isScrolledUp !== this.#ui.isScrolledUp) this.#change({ isScrolledUp });
  }

  #toLatest() {
    this.#root.querySelector(".chat__scroll")?.scrollTo({ top: 0 });
  }

  /** @param {MouseEvent} event */
  #followLink(event) {
    const deeplink = deeplinkOf(event);
    if (deeplink) this.#happened("deeplink", deeplink);
  }

  /** While offline the seconds to the next attempt count down; while somebody dictates they count up. */
  #keepCountdown() {
    const isRecording = this.composing.dictation?.status === "recording";
    const counts = (this.session.isOffline && this.session.retryAt !== null) || isRecording;
    if (counts === (this.#countdown !== undefined)) return;
    clearInterval(this.#countdown);
    this.#countdown = counts ? setInterval(() => this.schedule(), 1000) : undefined;
  }
}

/** @param {string} text @returns {UserInput} */
export function textInput(text) {
  return { content: [{ type: "input_text", text }], attachments: [], quoted_text: "", inference_options: {} };
}

/** @param {Options} options */
function addressOf({ api }) {
  return "url" in api ? api.url : "";
}

/** What a tab keeps over a reload; a page may be forbidden to keep anything. */
function tabStore() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
