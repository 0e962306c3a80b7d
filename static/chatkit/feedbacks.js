/**
 * What a person thinks of answers. No DOM.
 * @import {Client} from "./client.js"
 */

/** @typedef {"positive" | "negative"} FeedbackKind */

export class Feedbacks {
  /** By the answer's id; another map after each change. @type {ReadonlyMap<string, FeedbackKind>} */
  given = new Map();
  #hears;

  /** @param {{client: () => Client, changed: () => void, failed: (error: unknown) => void}} hears */
  constructor(hears) {
    this.#hears = hears;
  }

  /** It shows at once, and goes again when the server doesn't take it.
   * @param {string | null} threadId @param {string} itemId @param {FeedbackKind} kind */
  async give(threadId, itemId, kind) {
    const before = this.given;
    this.given = new Map(before).set(itemId, kind);
    this.#hears.changed();
    try {
      const params = { thread_id: threadId, item_ids: [itemId], kind };
      await this.#hears.client().request("items.feedback", params);
    } catch (error) {
      this.given = before;
      this.#hears.failed(error);
    }
  }
}
