/**
 * What one element holds between its state and its views: the session, the list, and what is open on the screen.
 * @import {Locale} from "./locales/index.js"
 * @import {AccountFrame, Attachment, Prompt, Options, Thread, ThreadEvent, UserInput} from "./types.js"
 * @import {Actions, Model, Ui} from "./views/model.js"
 * @import {Action} from "./widgets/types.js"
 */

import { render } from "lit/html.js";
import { Sentences } from "./announce.js";
import { ClientTools } from "./clienttools.js";
import { Composing } from "./composing.js";
import { listen } from "./gestures.js";
import { LastingSocket } from "./live.js";
import { en } from "./locales/en.js";
import { chooseLocale, directionOf, loadTexts } from "./locales/index.js";
import { Previews } from "./previews.js";
import { Questions } from "./questions.js";
import { Search } from "./search.js";
import { Session } from "./session.js";
import { Tabs } from "./tabs.js";
import { presenceOf, textOf } from "./thread.js";
import { ThreadList } from "./threads.js";
import { chat } from "./views/chat.js";
import { openDialogs } from "./views/dialogs.js";
import { Pictures } from "./views/pictures.js";
import { Place } from "./views/place.js";

const KEPT_SENTENCES = 12;
/** Changes come in bursts: the list is loaded once after them. */
const LIST_DELAY_MS = 500;
/** Stop can be pressed again when nothing has come of it for so long. */
const STOP_MS = 5000;
/** Where a person writes: the composer, or the answers in its place. */
const WRITING = ":is(.composer__text, .ask :is(input, textarea))";
const DEEPLINK = "chatkit-link://";

export class App {
  session;
  list;
  search;
  tools;
  questions;
  composing;
  previews;
  strings = en;
  #root;
  #options;
  /** @type {Locale} */
  #locale;
  /** Nothing is drawn before its words are there. @type {Promise<void>} */
  drawn = Promise.resolve();
  /** The first thread is there, or has failed to be. @type {Promise<void>} */
  begun = Promise.resolve();
  #hasTexts = false;
  /** @type {(name: string, detail?: object) => void} */
  #happened;
  /** @type {Ui} */
  #ui = { isSheetOpen: false, isScrolledUp: false, isStopping: false, dialog: null, said: [] };
  #place = new Place();
  #pictures = new Pictures(
    () => this.draw(),
    () => this.session.isBusy,
  );
  #sentences = new Sentences();
  #saidCount = 0;
  /** @type {string | null | undefined} */
  #toldTitle;
  /** What was said last when it was drawn. @type {string | undefined} */
  #asked;
  #wasBusy = false;
  /** Called when no reply is being written any more. @type {((value?: unknown) => void)[]} */
  #waiting = [];
  /** Ends with the connection, and its listeners with it. @type {AbortController | null} */
  #gestures = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #countdown;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #listTimer;
  /** @type {LastingSocket | null} */
  #changes = null;
  /** @type {Tabs | null} */
  #tabs = null;
  #isHistoryOpen = false;
  /** Sheets that no person closed: of these it is told late, when the next one may be open. @type {WeakSet<EventTarget>} */
  #closedHere = new WeakSet();

  /** @param {ShadowRoot} root @param {Options} options @param {(name: string, detail?: object) => void} happened */
  constructor(root, options, happened) {
    this.#root = root;
    this.#options = options;
    this.#locale = localeOf(options);
    this.#happened = happened;
    this.session = new Session(
      options,
      this.#locale.wanted,
      {
        changed: (event) => this.#changed(event),
        happened: (name, detail) => this.#heard(name, detail),
        knownThreads: () => this.list.threads.map(({ id }) => id),
      },
      tabStore(),
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
      session: this.session,
      options: () => this.#options,
      strings: () => this.strings,
      changed: () => this.schedule(),
      happened: (name, detail) => this.#happened(name, detail),
      place: (caret) => this.#placeCaret(caret),
      pickFiles: () => this.#find(".composer__picker")?.click(),
    });
    this.#speak();
  }

  /** @param {Options} options */
  setOptions(options) {
    this.#options = options;
    this.#locale = localeOf(options);
    this.session.setOptions(options, this.#locale.wanted);
    this.#speak();
    this.schedule();
  }

  /** Connect, and show a thread.
   * @param {string | null} [threadId] */
  resume(threadId = this.session.threadId) {
    this.#followList();
    this.#tabs ??= new Tabs(addressOf(this.#options), (threadId) => this.#changedElsewhere(threadId));
    this.#gestures?.abort();
    this.#gestures = new AbortController();
    listen(this.#root, this, this.#gestures.signal);
    this.list.load();
    this.begun = this.session.open(threadId);
  }

  /** Let go of every connection. */
  close() {
    clearTimeout(this.#listTimer);
    this.#gestures?.abort();
    this.composing.dictation?.cancel();
    this.#changes?.close();
    this.#tabs?.close();
    this.#tabs = null;
    this.session.close();
  }

  /** The page was hidden, or is: another tab may have changed the list meanwhile. */
  seenAgain() {
    if (document.visibilityState === "visible") this.#changedElsewhere(this.session.threadId);
  }

  /** Without a socket nobody else tells of it.
   * @param {string | null} threadId */
  #changedElsewhere(threadId) {
    this.list.refresh();
    if (threadId === this.session.threadId && !this.session.isFollowed) this.session.reload();
  }

  /** @param {UserInput} input @param {{isNewThread?: boolean, attachments?: readonly Attachment[]}} [how] */
  async send(input, { isNewThread = false, attachments = [] } = {}) {
    if (isNewThread) await this.session.openNew();
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

  focusComposer() {
    this.#focus(WRITING);
  }

  showHistory() {
    if (this.#options.history?.enabled === false) return;
    const shown = this.#root.querySelector(".frame > .rail");
    if (shown && getComputedStyle(shown).display !== "none") shown.querySelector("button")?.focus();
    else this.#change({ isSheetOpen: true });
    this.#tellHistory(true);
  }

  hideHistory() {
    const sheet = this.#root.querySelector("dialog.sheet");
    if (sheet instanceof HTMLDialogElement && sheet.open) {
      this.#closedHere.add(sheet);
      sheet.close();
    }
    this.#historyHidden();
  }

  #historyHidden() {
    this.#change({ isSheetOpen: false });
    this.#tellHistory(false);
  }

  /** @param {boolean} isOpen */
  #tellHistory(isOpen) {
    if (isOpen === this.#isHistoryOpen) return;
    this.#isHistoryOpen = isOpen;
    this.#happened(`history.${isOpen ? "open" : "close"}`);
  }

  /** Draw soon. */
  schedule() {
    this.#pictures.schedule();
  }

  /** Draw now. */
  draw() {
    if (!this.#hasTexts) return;
    const hadFocus = Boolean(this.#root.activeElement?.closest(".dock"));
    const draw = () => render(chat(this.#model()), this.#root);
    this.#place.keep(this.#root, draw, this.#held());
    if (this.#ui.isSheetOpen || this.#ui.dialog) openDialogs(this.#root);
    if (hadFocus && !this.#root.activeElement) this.focusComposer();
    this.#keepCountdown();
  }

  /** What stays where it is while a reply grows, as `thread.autoScroll: false` wishes: what one reads, or, when something
   * was just asked, the beginning of its turn. @returns {"place" | "turn" | undefined} */
  #held() {
    const { sendings, state, isBusy, askedLast } = this.session;
    const asked = sendings.at(-1)?.key ?? state.items.findLast(({ type }) => type === "user_message")?.id;
    const isSame = asked === this.#asked;
    const isReplying = isBusy || this.#wasBusy;
    this.#asked = asked;
    this.#wasBusy = isBusy;
    if (this.#options.thread?.autoScroll !== false) return undefined;
    if (isSame) return isReplying ? "place" : undefined;
    return isReplying || askedLast ? "turn" : undefined;
  }

  /** English is at hand; another language is fetched, and what was drawn stays until it is there. */
  #speak() {
    const { texts } = this.#locale;
    if (texts === "en") {
      Object.assign(this, { strings: en, drawn: Promise.resolve() });
      this.#hasTexts = true;
      return;
    }
    this.drawn = loadTexts(texts).then((strings) => {
      if (texts !== this.#locale.texts) return;
      this.strings = strings;
      this.#hasTexts = true;
      this.draw();
    });
  }

  /** @returns {Model} */
  #model() {
    return {
      options: this.#options,
      strings: this.strings,
      language: this.#locale.language,
      direction: directionOf(this.#locale.texts),
      session: this.session,
      list: this.list,
      search: this.search,
      tools: this.tools,
      questions: this.questions,
      composing: this.composing,
      previews: this.previews,
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
    giveFeedback: (itemId, kind) => this.session.giveFeedback(itemId, kind),
    scrolled: () => this.#scrolled(),
    goToLatest: () => this.#toLatest(),
    followLink: (event) => this.#followLink(event),
    openThread: (threadId) => this.#openThread(threadId),
    showSheet: () => this.showHistory(),
    hideSheet: ({ target }) => {
      if (target && !this.#closedHere.delete(target)) this.#historyHidden();
    },
    showMoreThreads: () => this.list.loadMore(),
    reloadThreads: () => this.list.load(),
    ask: (kind, thread) => this.#change({ dialog: { kind, thread, isBusy: false, error: "" } }),
    confirm: (title) => this.#confirm(title),
    dismiss: () => this.#change({ dialog: null }),
  };

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

  /** @param {number} caret */
  #placeCaret(caret) {
    this.draw();
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
    await this.session.stop().catch((error) => {
      this.#happened("error", { error });
      this.#change({ isStopping: false });
    });
    this.#focusConversation();
    setTimeout(() => this.#change({ isStopping: false }), STOP_MS);
  }

  /** @param {string | null} threadId */
  async #openThread(threadId) {
    if (this.#ui.isSheetOpen) this.hideHistory();
    this.#change({ isScrolledUp: false });
    this.#tellHistory(false);
    if (!threadId) await this.session.openNew();
    else if (threadId !== this.session.threadId || this.session.loadError) await this.session.open(threadId);
    this.draw();
    this.#focusConversation();
  }

  /** @param {string} title */
  async #confirm(title) {
    const { dialog } = this.#ui;
    if (!dialog || dialog.isBusy) return;
    const { kind, thread } = dialog;
    this.#change({ dialog: { ...dialog, isBusy: true, error: "" } });
    try {
      if (kind === "rename") await this.#rename(thread, title.trim());
      else await this.#delete(thread);
      this.#root.querySelector("dialog.box")?.dispatchEvent(new Event("close"));
    } catch {
      this.#change({ dialog: { ...dialog, isBusy: false, error: this.strings.actionFailed } });
    }
  }

  /** @param {Thread} thread @param {string} title */
  async #rename(thread, title) {
    if (title) await this.list.rename(thread.id, title);
    this.#tabs?.tell(thread.id);
    if (thread.id === this.session.threadId) this.session.renamed(title);
  }

  /** @param {Thread} thread */
  async #delete(thread) {
    await this.list.remove(thread.id);
    this.#tabs?.tell(thread.id);
    if (thread.id === this.session.threadId) await this.session.open(null);
  }

  /** @param {ThreadEvent} [event] */
  #changed(event) {
    if (!this.session.isBusy) {
      this.#ui.isStopping = false;
      for (const goOn of this.#waiting.splice(0)) goOn();
    }
    if (event?.thread) this.list.put(event.thread);
    this.#tellTitle();
    if (event?.type.startsWith("thread.item.")) this.#announce(event.item?.id ?? event.item_id ?? "");
    this.schedule();
  }

  /** The page may show the title elsewhere. */
  #tellTitle() {
    const { threadId, state } = this.session;
    const listed = this.list.threads.find(({ id }) => id === threadId);
    const title = state.thread?.title ?? listed?.title ?? null;
    if (title === this.#toldTitle) return;
    this.#toldTitle = title;
    this.#happened("thread.title", { threadId, title });
  }

  #followList() {
    const { changes } = this.#options.live ?? {};
    if (!changes) return;
    let wasOpen = false;
    this.#changes = new LastingSocket(() => changes, {
      message: (data) => this.#toldOfAll(/** @type {AccountFrame} */ (data)),
      turned: () => {
        if (this.#changes?.isOpen && wasOpen) this.#listChanged();
        wasOpen = true;
      },
    });
  }

  /** What happened in any of the person's threads, or in none: of the open one its own socket tells.
   * @param {AccountFrame} frame */
  #toldOfAll({ type, conversation_id: threadId, name, data }) {
    if (type !== "client_effect") return this.#listChanged(threadId ?? undefined);
    if (!threadId || threadId !== this.session.threadId) this.#happened("effect", { name, data });
  }

  /** Of the open thread its own socket tells.
   * @param {string} [threadId] */
  #listChanged(threadId) {
    const isListed = this.list.threads.some(({ id }) => id === threadId);
    if (isListed && threadId === this.session.threadId) return;
    clearTimeout(this.#listTimer);
    this.#listTimer = setTimeout(() => this.list.refresh(), LIST_DELAY_MS);
  }

  /** @param {string} name @param {object} [detail] */
  #heard(name, detail) {
    const failed = (/** @type {unknown} */ error) => this.#happened("error", { error });
    if (name === "thread.change") this.composing.follow(this.session.threadId, this.session.isNaming);
    if (name === "thread.load.end") {
      this.#skipAnnouncements();
      this.tools.threadLoaded(failed);
    }
    if (name === "response.end") {
      this.#say(this.strings.replyEnded);
      this.tools.replyEnded(failed);
      if (!this.session.isFollowed) this.#tabs?.tell(this.session.threadId);
    }
    this.#happened(name, detail);
  }

  /** @param {string} itemId */
  #announce(itemId) {
    const { items, drafts } = this.session.state;
    const item = items.find(({ id }) => id === itemId);
    if (item?.type !== "assistant_message") return;
    const presence = presenceOf(item);
    if (presence) {
      const words = presence.event === "joined" ? this.strings.joined : this.strings.left;
      this.#say(words(presence.name || this.strings.staff));
      return;
    }
    this.#say(this.#sentences.next(itemId, textOf(item), !drafts.has(itemId)));
  }

  /** What was there before is read, not announced. */
  #skipAnnouncements() {
    for (const item of this.session.state.items) this.#sentences.skip(item.id, textOf(item));
  }

  /** @param {string} text */
  #say(text) {
    if (!text) return;
    this.#saidCount += 1;
    this.#change({ said: [...this.#ui.said.slice(1 - KEPT_SENTENCES), { key: this.#saidCount, text }] });
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
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link?.href.startsWith(DEEPLINK)) return;
    event.preventDefault();
    const address = link.href.replace(DEEPLINK, "https://");
    if (!URL.canParse(address)) return;
    const { host, searchParams } = new URL(address);
    this.#happened("deeplink", { name: host, data: Object.fromEntries(searchParams) });
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
function localeOf({ locale }) {
  return chooseLocale(locale, navigator.languages);
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
