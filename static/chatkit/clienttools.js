/**
 * Tools that the page itself has: the server asks, the page answers. No DOM of its own.
 *
 * A call stays pending until it is answered, so one that a reload has cut is offered again when its thread is loaded.
 * Of several tabs one answers: first the one that asked for the reply, else whichever is looked at.
 * @import {Session} from "./session.js"
 * @import {Item, Options} from "./types.js"
 */

import { pendingToolCall } from "./thread.js";

/** How long the tab that asked is given before another one answers. */
const OTHERS_WAIT_MS = 1000;

export class ClientTools {
  /** The call that the page's tool works on. @type {string | null} */
  running = null;
  #session;
  #options;
  #changed;

  /** @param {Session} session @param {() => Options} options @param {() => void} changed */
  constructor(session, options, changed) {
    this.#session = session;
    this.#options = options;
    this.#changed = changed;
  }

  /** A reply has ended: it may have left a call.
   * @param {(error: unknown) => void} failed */
  async replyEnded(failed) {
    if (!this.#pending()) return;
    if (!this.#session.askedLast) {
      await new Promise((resolve) => setTimeout(resolve, OTHERS_WAIT_MS));
      if (document.visibilityState !== "visible") return;
    }
    await this.#offer(this.#session.askedLast, failed);
  }

  /** A thread was loaded: a call may have been cut. A page without tools leaves it to one that has them.
   * @param {(error: unknown) => void} failed */
  async threadLoaded(failed) {
    await this.#offer(false, failed);
  }

  /** @param {boolean} mustAnswer even where the page has no tools @param {(error: unknown) => void} failed */
  async #offer(mustAnswer, failed) {
    const call = this.#pending();
    if (!call || this.running === call.id || this.#session.isBusy) return;
    if (!this.#options().onClientTool && !mustAnswer) return;
    await inOneTab(`chatkit.tool.${call.id}`, () => this.#answer(call, failed));
  }

  /** @param {Item} call @param {(error: unknown) => void} failed */
  async #answer(call, failed) {
    this.running = call.id;
    this.#changed();
    try {
      const result = await this.#result(call).catch((error) => {
        failed(error);
        return { error: error instanceof Error ? error.message : String(error) };
      });
      if (this.#pending()?.id !== call.id) return;
      await this.#session.respond("threads.add_client_tool_output", { result: result ?? null });
    } catch (error) {
      failed(error);
    } finally {
      this.running = null;
      this.#changed();
    }
  }

  /** @param {Item} call */
  async #result({ name = "", arguments: params = {} }) {
    const { onClientTool } = this.#options();
    if (!onClientTool) throw new Error(`This page has no tool “${name}”.`);
    return onClientTool({ name, params });
  }

  #pending() {
    return pendingToolCall(this.#session.state);
  }
}

/** Pages without https have no locks.
 * @param {string} name @param {() => Promise<void>} act */
async function inOneTab(name, act) {
  if (!globalThis.navigator?.locks) await act();
  else await navigator.locks.request(name, { ifAvailable: true }, (lock) => (lock ? act() : undefined));
}
