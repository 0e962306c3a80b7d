/**
 * The threads that were open last, so that they show at once when they are opened again. No DOM.
 * @import {ThreadState} from "./thread.js"
 */

import { atRest, EMPTY } from "./thread.js";

const MOST = 10;

export class Remembered {
  /** The newest last. @type {Map<string, ThreadState>} */
  #states = new Map();

  /** @param {string | null} threadId @param {ThreadState} state */
  put(threadId, state) {
    if (!threadId || !state.items.length) return;
    this.#states.delete(threadId);
    this.#states.set(threadId, atRest(state));
    const [oldest] = this.#states.keys();
    if (oldest && this.#states.size > MOST) this.#states.delete(oldest);
  }

  /** @param {string | null} threadId @returns {ThreadState} */
  get(threadId) {
    return this.#states.get(threadId ?? "") ?? EMPTY;
  }
}
