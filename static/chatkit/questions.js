/**
 * Answering what the assistant asks in the composer's place. No DOM.
 * @import {Session} from "./session.js"
 * @import {Answer, Item} from "./types.js"
 */

export class Questions {
  isSending = false;
  /** Why the answer wasn't taken; `noAnswer` where there was none. @type {Error | "noAnswer" | null} */
  error = null;
  #session;
  #changed;

  /** @param {Session} session @param {() => void} changed */
  constructor(session, changed) {
    this.#session = session;
    this.#changed = changed;
  }

  /** @param {Item} item @param {Record<string, Answer>} answers by the question's id */
  async answer(item, answers) {
    const isEmpty = Object.values(answers).every(({ skipped }) => skipped);
    if (isEmpty) this.#turn(false, "noAnswer");
    else await this.#submit(item, { status: "answered", answers });
  }

  /** @param {Item} item */
  async skip(item) {
    await this.#submit(item, { status: "skipped", answers: {} });
  }

  /** @param {Item} item @param {{status: string, answers: Record<string, Answer>}} input */
  async #submit(item, input) {
    if (this.isSending) return;
    this.#turn(true, null);
    try {
      await this.#session.respond("threads.add_structured_input", { item_id: item.id, input });
      this.#turn(false, null);
    } catch (error) {
      this.#turn(false, error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** @param {boolean} isSending @param {Questions["error"]} error */
  #turn(isSending, error) {
    Object.assign(this, { isSending, error });
    this.#changed();
  }
}
