/**
 * `<openai-chatkit>`: attributes, lifecycle and the published methods. What it does is in app.js.
 * @import {Attachment, OpenAIChatKit, ToolChoice, UserMessageContent} from "@openai/chatkit"
 * @import {Options} from "./types.js"
 */

import { App, textInput } from "./app.js";
import { sheets } from "./sheets.js";

/** Said by methods that find the element without options. */
const NOT_CONFIGURED = "Call setOptions() first.";

/** @implements {OpenAIChatKit} */
export class ChatKitElement extends HTMLElement {
  /** @type {App | null} */
  #app = null;
  /** @type {Options | null} */
  #options = null;
  /** Ends with the connection, and its listeners with it. @type {AbortController | null} */
  #connection = null;

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = sheets;
    this.#upgradeOptions();
  }

  connectedCallback() {
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    addEventListener("online", () => this.#app?.session.setOnline(true), { signal });
    addEventListener("offline", () => this.#app?.session.setOnline(false), { signal });
    document.addEventListener("visibilitychange", () => this.#app?.seenAgain(), { signal });
    this.#begin();
  }

  disconnectedCallback() {
    this.#connection?.abort();
    this.#app?.close();
  }

  /** The options, as a property for frameworks; setting it is `setOptions`. */
  get options() {
    return this.#options;
  }

  set options(options) {
    if (options) this.setOptions(options);
  }

  /** Use these options, and no others.
   * @param {Options} options */
  setOptions(options) {
    this.#options = options;
    this.#applyTheme(options.theme);
    if (this.#app) this.#app.setOptions(options);
    else this.#begin();
  }

  async focusComposer() {
    (await this.#ready()).focusComposer();
  }

  /** @param {string | null} threadId */
  async setThreadId(threadId) {
    const { session } = await this.#ready();
    if (threadId !== session.threadId) await session.open(threadId);
  }

  /** Widgets and their actions are not drawn yet: accepted, and nothing happens.
   * @param {{type: string, payload?: Record<string, unknown>}} action @param {string} [itemId] */
  async sendCustomAction(action, itemId) {
    this.#emit("log", { name: "custom_action.ignored", data: { type: action.type, itemId } });
  }

  /** Send a message; rejects while a reply is being written.
   * @param {{text?: string, content?: UserMessageContent[], reply?: string, attachments?: Attachment[],
   *   newThread?: boolean, toolChoice?: ToolChoice, model?: string}} params */
  async sendUserMessage({ text = "", content, reply, newThread = false, toolChoice, model }) {
    const app = await this.#ready();
    if (app.session.isBusy && !newThread) throw new Error("A reply is being written.");
    const inference_options = { ...(model && { model }), ...(toolChoice && { tool_choice: toolChoice }) };
    const input = {
      ...textInput(text),
      ...(content && { content }),
      quoted_text: reply ?? "",
      inference_options,
    };
    await app.send(input, newThread);
  }

  /** Set the composer's text; what else can be given belongs to features that are not drawn yet.
   * @param {{text?: string, content?: UserMessageContent[], reply?: string, attachments?: Attachment[], files?: File[],
   *   selectedToolId?: string | null, selectedModelId?: string}} params */
  async setComposerValue({ text, content }) {
    const app = await this.#ready();
    app.write(text ?? content?.map((part) => part.text).join("") ?? "");
    app.draw();
  }

  async showHistory() {
    (await this.#ready()).showHistory();
  }

  async hideHistory() {
    (await this.#ready()).hideHistory();
  }

  async fetchUpdates() {
    const { session, list } = await this.#ready();
    await Promise.all([session.reload(), list.load()]);
  }

  /** Options that were set on the plain element, before this class was there, become options. */
  #upgradeOptions() {
    if (!Object.hasOwn(this, "options")) return;
    const { options } = this;
    // @ts-expect-error: this removes the plain property that hides the accessor
    delete this.options;
    this.options = options;
  }

  #begin() {
    if (!this.#options || !this.isConnected) return;
    if (this.#app) {
      this.#app.resume();
      return;
    }
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    this.#app = new App(root, this.#options, (name, detail) => this.#emit(name, detail));
    this.#app.session.isOnline = navigator.onLine;
    this.#app.resume(this.#options.initialThread ?? null);
    this.#app.draw();
    this.#emit("ready");
  }

  async #ready() {
    if (!this.#app) throw new Error(NOT_CONFIGURED);
    await this.#app.drawn;
    return this.#app;
  }

  /** @param {string} name @param {object} [detail] */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(`chatkit.${name}`, { detail, bubbles: true, composed: true }));
  }

  /** A theme enters by custom properties; without one the page's colours hold.
   * @param {Options["theme"]} theme */
  #applyTheme(theme) {
    const { colorScheme, color, typography } =
      typeof theme === "string" ? { colorScheme: theme } : (theme ?? {});
    if (colorScheme) this.dataset.theme = colorScheme;
    else delete this.dataset.theme;
    this.#setProperty("--accent", color?.accent?.primary);
    this.#setProperty("--surface", color?.surface?.background);
    this.#setProperty("--text", color?.surface?.foreground);
    this.#setProperty("--font", typography?.fontFamily);
    this.#setProperty("--font-mono", typography?.fontFamilyMono);
  }

  /** @param {string} name @param {string | undefined} value */
  #setProperty(name, value) {
    if (value) this.style.setProperty(name, value);
    else this.style.removeProperty(name);
  }
}
