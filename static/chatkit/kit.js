/**
 * What an element does with its options, its life in the page and the published calls. What it shows is in app.js.
 * @import {Attachment, ToolChoice, UserMessageContent} from "@openai/chatkit"
 * @import {Options} from "./types.js"
 */

import { App, textInput } from "./app.js";
import { followKeyboard } from "./keyboard.js";
import { checkOptions } from "./options.js";
import { setRem } from "./rem.js";
import { fitSheets, sheets } from "./sheets.js";
import { applyTheme } from "./theme.js";

const NOT_CONFIGURED = "Call setOptions() first, and put the element into the page.";
const BUSY = "A reply is being written.";
const NOTHING_TO_SEND = "A message needs text, content or attachments.";
const HOSTED =
  "This element talks to a ChatKit server of your own: give it api.url. " +
  "Sessions that OpenAI hosts (api.getClientSecret) need OpenAI's own element.";

/** A page listens so soon after it has set the options. */
const EARLY_MS = 20;

export class Kit {
  /** @type {HTMLElement} */
  #host;
  /** @type {ShadowRoot} */
  #root;
  /** @type {App | null} */
  #app = null;
  /** @type {Options | null} */
  options = null;
  /** Ends with the connection, and its listeners with it. @type {AbortController | null} */
  #connection = null;
  /** The first events, until they are told. @type {CustomEvent[] | null} */
  #early = [];
  /** They are. @type {Promise<void> | null} */
  #told = null;
  #wasReady = false;
  #rem = 1;
  /** As wide as the page's rem, and as high as the one that the reader set. */
  #ruler = Object.assign(document.createElement("i"), { className: "ruler" });

  /** @param {HTMLElement} host */
  constructor(host) {
    this.#host = host;
    this.#root = host.attachShadow({ mode: "open" });
    this.#root.adoptedStyleSheets = sheets;
    this.#ruler.style.width = "1rem";
    this.#root.append(this.#ruler);
  }

  connected() {
    if (this.#connection) {
      this.#app?.schedule();
      return;
    }
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    followKeyboard(this.#host, signal);
    this.#watchSize(signal);
    addEventListener("online", () => this.#app?.session.setOnline(true), { signal });
    addEventListener("offline", () => this.#app?.session.setOnline(false), { signal });
    document.addEventListener("visibilitychange", () => this.#app?.seenAgain(), { signal });
    this.#begin();
  }

  /** An element that is moved is there again at once: what it reads goes on. */
  async disconnected() {
    await null;
    if (this.#host.isConnected) return;
    this.#connection?.abort();
    this.#connection = null;
    this.#app?.close();
  }

  /** Use these options, and no others. What can't be used is an error, what isn't known is only logged.
   * @param {Options} given */
  setOptions(given) {
    const { options, remarks } = this.#checked(given);
    for (const remark of remarks) this.#emit("log", remark);
    const isElsewhere = serverOf(options) !== (this.options && serverOf(this.options));
    this.options = options;
    applyTheme(this.#host, options.theme);
    if (isElsewhere) this.#leave();
    if (!("url" in options.api)) this.#refuse(new Error(HOSTED));
    else if (this.#app) this.#app.setOptions(options);
    else this.#begin();
  }

  async focusComposer() {
    (await this.#idle()).focusComposer();
  }

  /** @param {string | null} threadId */
  async setThreadId(threadId) {
    const { session } = await this.#idle();
    if ((threadId || null) !== session.threadId) await session.open(threadId || null);
  }

  /** Send an action to the server.
   * @param {{type: string, payload?: Record<string, unknown>}} action @param {string} [itemId] */
  async sendCustomAction(action, itemId) {
    await (await this.#idle(true)).sendAction(action, itemId ?? null, true);
  }

  /** Send a message.
   * @param {{text?: string, content?: UserMessageContent[], reply?: string, attachments?: Attachment[],
   *   newThread?: boolean, toolChoice?: ToolChoice, model?: string}} params */
  async sendUserMessage({
    text = "",
    content,
    reply,
    attachments = [],
    newThread = false,
    toolChoice,
    model,
  }) {
    const app = await this.#idle(true);
    if (!text.trim() && !content?.length && !attachments.length) throw new Error(NOTHING_TO_SEND);
    const input = {
      content: content ?? textInput(text).content,
      attachments: attachments.map(({ id }) => id),
      quoted_text: reply ?? "",
      inference_options: { ...(model && { model }), ...(toolChoice && { tool_choice: toolChoice }) },
    };
    if (app.session.isBusy) throw new Error(BUSY); // another call in the same moment came first
    await app.send(input, { isNewThread: newThread, attachments });
  }

  /** Set what is given of what the composer holds, and leave the rest.
   * @param {{text?: string, content?: UserMessageContent[], reply?: string, attachments?: Attachment[], files?: File[],
   *   selectedToolId?: string | null, selectedModelId?: string}} params */
  async setComposerValue(params) {
    const app = await this.#idle();
    app.composing.set(params);
    app.draw();
  }

  async showHistory() {
    (await this.#idle()).showHistory();
  }

  async hideHistory() {
    (await this.#idle()).hideHistory();
  }

  async fetchUpdates() {
    const { session, list } = await this.#idle();
    await Promise.all([session.reload(), list.load()]);
  }

  #begin() {
    if (!this.options || !this.#host.isConnected || !("url" in this.options.api)) return;
    if (this.#app) {
      this.#app.resume();
      return;
    }
    this.#root.querySelector(".refused")?.remove();
    const app = new App(this.#root, this.options, this.#place(), (name, detail) => {
      if (app === this.#app) this.#emit(name, detail);
    });
    this.#app = app;
    app.session.isOnline = navigator.onLine;
    app.resume(this.options.initialThread ?? null);
    app.draw();
    if (!this.#wasReady) app.drawn.then(() => this.#emit("ready"));
    this.#wasReady = true;
  }

  /** A page that gave it no height would not see it; and one whose rem is of another size would see another chat.
   * @param {AbortSignal} signal ends it */
  #watchSize(signal) {
    const sizes = new ResizeObserver(() => {
      const { clientWidth, clientHeight } = this.#host;
      if (clientWidth && !clientHeight) this.#host.toggleAttribute("data-unsized", true);
      const { width, height } = this.#ruler.getBoundingClientRect();
      if (!width || height / width === this.#rem) return;
      this.#rem = height / width;
      if (setRem(this.#rem)) fitSheets();
      applyTheme(this.#host, this.options?.theme);
    });
    sizes.observe(this.#host);
    sizes.observe(this.#ruler);
    signal.addEventListener("abort", () => sizes.disconnect());
  }

  /** Threads belong to their server: another one begins with none. */
  #leave() {
    const app = this.#app;
    this.#app = null;
    app?.end();
    if (app?.session.threadId && !this.options?.initialThread)
      this.#emit("thread.change", { threadId: null });
  }

  /** What several elements of one page keep apart over a reload: each has its own drafts and unsent messages. */
  #place() {
    const at = [...document.querySelectorAll(this.#host.localName)].indexOf(this.#host);
    const { api } = /** @type {Options} */ (this.options);
    return ("url" in api ? api.url : "") + (at ? ` ${this.#host.id || at}` : "");
  }

  /** The app, once it can take a call. As ChatKit's, calls are refused while a thread loads or a reply is written.
   * With `live` a reply goes on whoever looks at it: then only a second message is refused.
   * @param {boolean} [isSend] */
  async #idle(isSend = false) {
    await this.#app?.drawn;
    await this.#app?.begun;
    await this.#told; // what a call brings about is heard before its promise is kept
    const app = this.#app;
    if (!app || !this.#connection) throw new Error(NOT_CONFIGURED);
    const isLive = this.options?.live !== undefined;
    if (app.session.reading.isLoading && !isLive) throw new Error("A thread is being loaded.");
    if (app.session.isBusy && (isSend || !isLive)) throw new Error(BUSY);
    return app;
  }

  /** @param {Options} given */
  #checked(given) {
    try {
      return checkOptions(given);
    } catch (error) {
      if (!this.options) this.#refuse(error);
      else this.#emit("error", { error });
      throw error;
    }
  }

  /** Say in place of the chat why there is none. @param {unknown} error */
  #refuse(error) {
    const words = document.createElement("p");
    words.className = "refused";
    words.setAttribute("role", "alert");
    words.textContent = error instanceof Error ? error.message : String(error);
    if (!this.#app) {
      this.#root.querySelector(".refused")?.remove();
      this.#root.append(words);
    }
    this.#emit("error", { error });
  }

  /** The first events wait for those who listen only after they have set the options, as React's effects do.
   * @param {string} name @param {object} [detail] */
  #emit(name, detail) {
    const event = new CustomEvent(`chatkit.${name}`, { detail, bubbles: true, composed: true });
    if (!this.#early) {
      this.#host.dispatchEvent(event);
      return;
    }
    const isFirst = !this.#early.length;
    // What the first thread did was done while its words came: for the page it follows.
    if (name === "ready") this.#early.unshift(event);
    else this.#early.push(event);
    if (isFirst) this.#told = this.#tellEarly();
  }

  async #tellEarly() {
    const pause = new Promise((resolve) => setTimeout(resolve, EARLY_MS));
    await Promise.allSettled([this.#app?.drawn, pause]);
    const early = this.#early ?? [];
    this.#early = null;
    for (const event of early) this.#host.dispatchEvent(event);
  }
}

/** Where a server is. What its address asks for besides may change while a thread is open.
 * @param {Options} options */
function serverOf({ api }) {
  const { baseURI } = document;
  const address = "url" in api ? api.url : "";
  return (URL.canParse(address, baseURI) ? new URL(address, baseURI).href : address).replace(/[?#].*/, "");
}
