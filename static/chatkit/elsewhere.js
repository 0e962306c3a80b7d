/**
 * What happens to a person's threads elsewhere: told by the server's socket, or by this site's other tabs. No DOM.
 * @import {Session} from "./session.js"
 * @import {ThreadList} from "./threads.js"
 * @import {AccountFrame, Options} from "./types.js"
 */

import { LastingSocket } from "./live.js";
import { Tabs } from "./tabs.js";

/** Changes come in bursts: the list is loaded once after them. */
const LIST_DELAY_MS = 500;

export class Elsewhere {
  /** @type {LastingSocket | null} */
  #changes = null;
  /** @type {Tabs | null} */
  #tabs = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #listTimer;
  /** Threads that changed in this burst. @type {Set<string>} */
  #news = new Set();
  #session;
  #list;
  #happened;

  /** @param {Session} session @param {ThreadList} list @param {(name: string, detail: object) => void} happened */
  constructor(session, list, happened) {
    this.#session = session;
    this.#list = list;
    this.#happened = happened;
  }

  /** @param {Options} options */
  follow({ api, live }) {
    this.#tabs ??= new Tabs(
      "url" in api ? api.url : "",
      (threadId) => this.changed(threadId),
      (threadId) => this.#read(threadId),
    );
    const { changes } = live ?? {};
    this.#changes?.close();
    this.#changes = null;
    if (!changes) return;
    this.#changes = new LastingSocket(() => changes, {
      message: (data) => this.#told(/** @type {AccountFrame} */ (data)),
      // Nobody has told what happened between the list's answer and now, the first time either.
      turned: () => this.#changes?.isOpen && this.#listChanged(),
    });
  }

  close() {
    clearTimeout(this.#listTimer);
    this.#changes?.close();
    this.#tabs?.close();
    this.#tabs = null;
  }

  /** This page has changed a thread.
   * @param {string | null} threadId */
  tell(threadId) {
    this.#tabs?.tell(threadId);
  }

  /** A thread is open here, before somebody's eyes or in a tab behind.
   * @param {string | null} threadId */
  seen(threadId) {
    if (!threadId || globalThis.document?.visibilityState === "hidden") return;
    this.#read(threadId);
    this.#tabs?.tellSeen(threadId);
  }

  /** @param {string} threadId */
  #read(threadId) {
    this.#news.delete(threadId);
    this.#list.markUnread(threadId, false);
  }

  /** Somebody else has, or may have. Without a socket nobody else tells of it.
   * @param {string | null} threadId */
  changed(threadId) {
    this.#list.refresh();
    if (threadId === this.#session.threadId && !this.#session.isFollowed) this.#session.reload();
  }

  /** What happened in any of the person's threads, or in none: of the open one its own socket tells.
   * @param {AccountFrame} frame */
  #told({ type, conversation_id: threadId, name, data }) {
    if (type !== "client_effect") return this.#listChanged(threadId ?? undefined);
    if (!threadId || threadId !== this.#session.threadId) this.#happened("effect", { name, data });
  }

  /** Of the open thread its own socket tells.
   * @param {string} [threadId] */
  #listChanged(threadId) {
    const isListed = this.#list.threads.some(({ id }) => id === threadId);
    if (isListed && threadId === this.#session.threadId) return this.seen(threadId);
    if (threadId) this.#news.add(threadId);
    clearTimeout(this.#listTimer);
    this.#listTimer = setTimeout(() => this.#afterBurst(), LIST_DELAY_MS);
  }

  /** Another tab that shows a thread has said so by now. */
  #afterBurst() {
    for (const threadId of this.#news)
      if (threadId !== this.#session.threadId) this.#list.markUnread(threadId, true);
    this.#news.clear();
    this.#list.refresh();
  }
}
