/**
 * What stays where it is while a reply grows, as `thread.autoScroll: false` wishes.
 * @import {Session} from "../session.js"
 * @import {Options} from "../types.js"
 */

export class Held {
  /** What was said last when it was drawn. @type {string | undefined} */
  #asked;
  #wasBusy = false;

  /** What one reads; or, when something was just asked, the beginning of its turn.
   * @param {Session} session @param {Options} options @returns {"place" | "turn" | undefined} */
  now({ sendings, state, isBusy, askedLast }, { thread }) {
    const asked = sendings.at(-1)?.key ?? state.items.findLast(({ type }) => type === "user_message")?.id;
    const isSame = asked === this.#asked;
    const isReplying = isBusy || this.#wasBusy;
    this.#asked = asked;
    this.#wasBusy = isBusy;
    if (thread?.autoScroll !== false) return undefined;
    if (isSame) return isReplying ? "place" : undefined;
    return isReplying || askedLast ? "turn" : undefined;
  }
}
