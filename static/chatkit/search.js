/**
 * Looking for conversations: among those that are listed at once, then wherever the server looks. No DOM.
 * @import {FoundThread, SearchOption, Thread} from "./types.js"
 */

/** A search waits for the word to be written. */
const PAUSE_MS = 250;

export class Search {
  query = "";
  /** @type {readonly FoundThread[]} */
  found = [];
  /** @type {"idle" | "looking" | "failed"} */
  status = "idle";
  #search;
  #listed;
  #changed;
  /** @type {readonly FoundThread[]} */
  #answers = [];
  /** @type {AbortController | null} */
  #running = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {{search: () => SearchOption | undefined, listed: () => readonly Thread[], changed: () => void}} given */
  constructor({ search, listed, changed }) {
    this.#search = search;
    this.#listed = listed;
    this.#changed = changed;
  }

  get isOn() {
    return this.#search() !== undefined;
  }

  /** @param {string} query */
  look(query) {
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.query = query.trim();
    this.#answers = [];
    this.status = this.query ? "looking" : "idle";
    this.#join();
    if (this.query) this.#timer = setTimeout(() => this.#ask(), PAUSE_MS);
  }

  async #ask() {
    const running = new AbortController();
    this.#running = running;
    try {
      const answers = (await this.#search()?.(this.query, { signal: running.signal })) ?? [];
      if (running.signal.aborted) return;
      this.#answers = answers;
      this.status = "idle";
    } catch {
      if (running.signal.aborted) return;
      this.status = "failed";
    }
    this.#join();
  }

  /** Each conversation once: by its title, or by where the words stand in it. */
  #join() {
    const words = this.query.toLowerCase();
    const titled = this.#listed().filter(({ title }) => words && title?.toLowerCase().includes(words));
    /** @type {Map<string, FoundThread>} */
    const found = new Map(titled.map(({ id, title }) => [id, { threadId: id, title: title ?? "" }]));
    for (const each of this.#answers)
      if (!found.get(each.threadId)?.snippet)
        found.set(each.threadId, { ...found.get(each.threadId), ...each });
    this.found = [...found.values()];
    this.#changed();
  }
}
