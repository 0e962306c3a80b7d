/**
 * The list of a person's threads, newest first. No DOM.
 * @import {Client} from "./client.js"
 * @import {Page, Thread} from "./types.js"
 */

const PAGE_SIZE = 40;
const DAY_MS = 86_400_000;

/** @typedef {{key: "today" | "week" | "month" | "older", month: Date, threads: Thread[]}} Group */

export class ThreadList {
  /** @type {readonly Thread[]} */
  threads = [];
  /** @type {"unasked" | "loading" | "loaded" | "failed"} */
  status = "unasked";
  hasMore = false;
  /** Those in which something was said that this person hasn't seen. @type {Set<string>} */
  unread = new Set();
  /** @type {string | null} */
  #after = null;
  /** What became known of threads since the list was last asked for: an answer may be older. @type {Map<string, Thread | null>} */
  #meanwhile = new Map();
  #client;
  #changed;

  /** @param {() => Client} client @param {() => void} changed */
  constructor(client, changed) {
    this.#client = client;
    this.#changed = changed;
  }

  /** Load the first page; what is shown stays until it is there. */
  async load() {
    await this.#ask(null);
  }

  /** Load the first page again, unless more pages are shown. */
  async refresh() {
    if (this.status !== "loading" && this.threads.length <= PAGE_SIZE) await this.#ask(null);
  }

  async loadMore() {
    if (this.hasMore && this.status !== "loading") await this.#ask(this.#after);
  }

  /** @param {string} id @param {string} title */
  async rename(id, title) {
    await this.#client().request("threads.update", { thread_id: id, title });
    this.put({ id, title });
  }

  /** @param {string} id */
  async remove(id) {
    await this.#client().request("threads.delete", { thread_id: id });
    this.#meanwhile.set(id, null);
    this.threads = this.threads.filter((thread) => thread.id !== id);
    this.#changed();
  }

  /** @param {string} id @param {boolean} isUnread */
  markUnread(id, isUnread) {
    if (isUnread === this.unread.has(id)) return;
    if (isUnread) this.unread.add(id);
    else this.unread.delete(id);
    this.#changed();
  }

  /** Take what is newly known of a thread; an unknown one comes first.
   * @param {Thread} thread */
  put(thread) {
    this.#meanwhile.set(thread.id, { ...this.#meanwhile.get(thread.id), ...thread });
    this.threads = withThread(this.threads, thread);
    this.#changed();
  }

  /** @param {string | null} after */
  async #ask(after) {
    this.status = "loading";
    this.#meanwhile = new Map();
    this.#changed();
    try {
      const params = { limit: PAGE_SIZE, order: "desc", ...(after && { after }) };
      const { data } = await this.#client().request("threads.list", params);
      const page = /** @type {Page<Thread> | null} */ (data);
      if (!Array.isArray(page?.data)) throw new TypeError("The list of threads isn't one.");
      this.threads = this.#brought(after ? [...this.threads, ...page.data] : page.data);
      this.hasMore = page.has_more;
      this.#after = page.after ?? null;
      this.status = "loaded";
    } catch {
      this.status = "failed";
    }
    this.#changed();
  }

  /** Bring an answer up to what became known while it was on its way.
   * @param {readonly Thread[]} threads */
  #brought(threads) {
    let brought = threads;
    for (const [id, thread] of this.#meanwhile)
      brought = thread ? withThread(brought, thread) : brought.filter((other) => other.id !== id);
    return brought;
  }
}

/** @param {readonly Thread[]} threads @param {Thread} thread @returns {readonly Thread[]} */
function withThread(threads, thread) {
  const isKnown = threads.some(({ id }) => id === thread.id);
  return isKnown
    ? threads.map((other) => (other.id === thread.id ? { ...other, ...thread } : other))
    : [thread, ...threads];
}

/** Group threads by when they began: today, this week, earlier this month, and month by month.
 * @param {readonly Thread[]} threads @param {Date} now @returns {Group[]} */
export function groupByDate(threads, now) {
  /** @type {Map<string, Group>} */
  const groups = new Map();
  for (const thread of threads) {
    const began = thread.created_at ? new Date(thread.created_at) : now;
    const key = groupKey(began, now);
    const name = key === "older" ? `${began.getFullYear()}-${began.getMonth()}` : key;
    const group = groups.get(name) ?? { key, month: began, threads: [] };
    group.threads.push(thread);
    groups.set(name, group);
  }
  return [...groups.values()];
}

/** @param {Date} date @param {Date} now @returns {Group["key"]} */
function groupKey(date, now) {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  if (date.getTime() >= midnight) return "today";
  if (date.getTime() >= midnight - 6 * DAY_MS) return "week";
  return date.getMonth() === now.getMonth() && date.getFullYear() === now.getFullYear() ? "month" : "older";
}
