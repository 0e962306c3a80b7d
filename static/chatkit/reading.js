/**
 * Reads the open thread: its end, earlier pages, and once more while a reply is due. No DOM.
 * @import {Client} from "./client.js"
 * @import {ThreadState} from "./thread.js"
 * @import {Item, Page} from "./types.js"
 */

import { isPassing } from "./client.js";
import { listItems, loadThread } from "./pages.js";
import { Retry } from "./retry.js";
import { fromSnapshot } from "./thread.js";

/** Without a socket, a reply that is due is looked for at growing intervals, so often. */
const FIRST_LOOK = 2;
const LAST_LOOK = 9;

/**
 * @typedef {object} ReadingHears
 * @property {() => Client} client
 * @property {(state: ThreadState, threadId: string, seq: string | null) => void} loaded
 * @property {() => void} again it is time to look once more
 * @property {(error: unknown) => void} failed
 * @property {(error: unknown) => void} later what failed may work after a while
 * @property {() => void} changed
 * @property {(name: string, detail: object) => void} happened
 */

export class Reading {
  isLoading = false;
  /** Which thread that is, or was last. */
  #loading = "";
  /** @type {Error | null} */
  error = null;
  /** @type {"idle" | "loading" | "failed"} */
  earlierStatus = "idle";
  /** The items with which loaded pages begin: they stay where they are, whatever comes before and after.
   * @type {Set<string>} */
  pageStarts = new Set();
  /** Changes with every load, so that a slow answer to an earlier one is told apart. */
  #visit = 0;
  /** Looks again for a reply that nobody tells of. */
  #look;
  #hears;

  /** @param {ReadingHears} hears */
  constructor(hears) {
    this.#hears = hears;
    this.#look = new Retry(hears.again);
  }

  /** Another thread is open, of which nothing has been read. */
  begin() {
    Object.assign(this, { isLoading: false, error: null, pageStarts: new Set() });
  }

  /** Whatever is on its way comes too late. */
  stop() {
    this.#visit += 1;
    this.#look.reset();
    if (this.isLoading) this.#hears.happened("thread.load.left", { threadId: this.#loading });
    this.isLoading = false;
  }

  /** @param {string} threadId @param {boolean} [isQuiet] what is shown stays, and the page isn't told */
  async load(threadId, isQuiet = false) {
    this.#visit += 1;
    const visit = this.#visit;
    this.#look.pause();
    this.error = null;
    if (!isQuiet) this.#tell(threadId, true);
    try {
      const { loaded, newest, seq } = await loadThread(this.#hears.client(), threadId);
      if (visit !== this.#visit) return;
      this.#hears.loaded(fromSnapshot(loaded, newest), threadId, seq);
    } catch (error) {
      if (visit !== this.#visit) return;
      this.error = error instanceof Error ? error : new Error(String(error));
      this.#hears.failed(error);
      if (isPassing(error)) this.#hears.later(error);
    }
    if (isQuiet) this.#hears.changed();
    else this.#tell(threadId, false);
  }

  /** Load the page before an item.
   * @param {string} threadId @param {string} itemId @param {(page: Page<Item>) => void} show */
  async loadEarlier(threadId, itemId, show) {
    if (this.earlierStatus === "loading") return;
    this.#turnEarlier("loading");
    try {
      show(await listItems(this.#hears.client(), threadId, itemId));
      this.#turnEarlier("idle");
    } catch (error) {
      this.#turnEarlier("failed");
      this.#hears.failed(error);
    }
  }

  /** A reply is due, and nobody tells of it: look again, a number of times. */
  expectReply() {
    if (this.#look.failures > LAST_LOOK) return;
    this.#look.failures = Math.max(this.#look.failures, FIRST_LOOK);
    this.#look.later();
  }

  expectNothing() {
    this.#look.reset();
  }

  /** @param {Reading["earlierStatus"]} status */
  #turnEarlier(status) {
    this.earlierStatus = status;
    this.#hears.changed();
  }

  /** @param {string} threadId @param {boolean} isLoading */
  #tell(threadId, isLoading) {
    this.isLoading = isLoading;
    this.#loading = threadId;
    this.#hears.happened(`thread.load.${isLoading ? "start" : "end"}`, { threadId });
    this.#hears.changed();
  }
}
