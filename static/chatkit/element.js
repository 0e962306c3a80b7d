/**
 * `<openai-chatkit>` as a class. What it does is in kit.js; `chatkit.js` is the same for pages without modules.
 * @import {Attachment, OpenAIChatKit, ToolChoice, UserMessageContent} from "@openai/chatkit"
 * @import {Options} from "./types.js"
 */

import { Kit } from "./kit.js";

/** @implements {OpenAIChatKit} */
export class ChatKitElement extends HTMLElement {
  #kit = new Kit(this);

  constructor() {
    super();
    this.#upgradeOptions();
  }

  connectedCallback() {
    this.#kit.connected();
  }

  disconnectedCallback() {
    this.#kit.disconnected();
  }

  /** Moved by moveBefore(): nothing has changed. */
  connectedMoveCallback() {}

  /** The options, as a property for frameworks; setting it is `setOptions`. */
  get options() {
    return this.#kit.options;
  }

  set options(options) {
    if (options) this.setOptions(options);
  }

  /** Use these options, and no others.
   * @param {Options} options */
  setOptions(options) {
    this.#kit.setOptions(options);
  }

  focusComposer() {
    return this.#kit.focusComposer();
  }

  /** @param {string | null} threadId */
  setThreadId(threadId) {
    return this.#kit.setThreadId(threadId);
  }

  /** @param {{type: string, payload?: Record<string, unknown>}} action @param {string} [itemId] */
  sendCustomAction(action, itemId) {
    return this.#kit.sendCustomAction(action, itemId);
  }

  /** @param {{text?: string, content?: UserMessageContent[], reply?: string, attachments?: Attachment[],
   *   newThread?: boolean, toolChoice?: ToolChoice, model?: string}} params */
  sendUserMessage(params) {
    return this.#kit.sendUserMessage(params);
  }

  /** @param {{text?: string, content?: UserMessageContent[], reply?: string, attachments?: Attachment[], files?: File[],
   *   selectedToolId?: string | null, selectedModelId?: string}} params */
  setComposerValue(params) {
    return this.#kit.setComposerValue(params);
  }

  showHistory() {
    return this.#kit.showHistory();
  }

  hideHistory() {
    return this.#kit.hideHistory();
  }

  fetchUpdates() {
    return this.#kit.fetchUpdates();
  }

  /** Options that were set on the plain element, before this class was there, become options. */
  #upgradeOptions() {
    if (!Object.hasOwn(this, "options")) return;
    const { options } = this;
    // @ts-expect-error: this removes the plain property that hides the accessor
    delete this.options;
    this.options = options;
  }
}
