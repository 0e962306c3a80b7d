/**
 * What is offered while somebody writes `@` or `/`: found as they type, chosen by key or by hand. No DOM.
 * @import {askedFor} from "./draft.js"
 */

/** @typedef {NonNullable<ReturnType<typeof askedFor>>} Asked */
/**
 * @typedef {object} Suggestion
 * @property {string} key
 * @property {string} label
 * @property {string} [description]
 * @property {string} [icon]
 * @property {string} [group]
 * @property {(asked: Asked) => unknown} choose
 */

export class Suggestions {
  /** What is asked for; null while nothing is offered. @type {Asked | null} */
  asked = null;
  /** @type {readonly Suggestion[]} */
  found = [];
  /** Which of them Enter takes. */
  active = 0;
  isLoading = false;
  #search;
  #changed;
  #failed;
  /** Changes with every question, so that a late answer is told apart. */
  #round = 0;
  /** Where Escape was pressed: it stays closed there. */
  #dismissedAt = -1;

  /** @param {{search: (asked: Asked) => Promise<readonly Suggestion[]>, changed: () => void,
   *   failed: (error: unknown) => void}} how */
  constructor({ search, changed, failed }) {
    this.#search = search;
    this.#changed = changed;
    this.#failed = failed;
  }

  get isOpen() {
    return this.asked !== null;
  }

  /** @param {Asked | null} asked */
  async ask(asked) {
    if (!asked) this.#dismissedAt = -1;
    if (!asked || asked.start === this.#dismissedAt) return this.close();
    const isSame = this.asked?.kind === asked.kind && this.asked.query === asked.query;
    this.asked = asked;
    if (!isSame) await this.#fill(() => this.#search(asked));
  }

  /** Offer these instead.
   * @param {readonly Suggestion[]} found */
  offer(found) {
    this.#round += 1;
    this.#show(found);
  }

  /** @param {number} by */
  move(by) {
    const { length } = this.found;
    if (length) this.active = (this.active + by + length) % length;
    this.#changed();
  }

  /** Take the active one, or this one; tells whether there was any.
   * @param {number} [at] */
  choose(at = this.active) {
    const suggestion = this.found[at];
    const { asked } = this;
    if (!suggestion || !asked) return false;
    this.#fill(async () => {
      await suggestion.choose(asked);
      return this.found;
    });
    return true;
  }

  close() {
    if (!this.asked) return;
    this.#round += 1;
    Object.assign(this, { asked: null, found: [], active: 0, isLoading: false });
    this.#changed();
  }

  dismiss() {
    this.#dismissedAt = this.asked?.start ?? -1;
    this.close();
  }

  /** @param {() => Promise<readonly Suggestion[]>} find */
  async #fill(find) {
    this.#round += 1;
    const round = this.#round;
    this.isLoading = true;
    this.#changed();
    try {
      const found = await find();
      if (round === this.#round) this.#show(found);
    } catch (error) {
      if (round === this.#round) this.close();
      this.#failed(error);
    }
  }

  /** @param {readonly Suggestion[]} found */
  #show(found) {
    const groups = [...new Set(found.map(({ group }) => group ?? ""))];
    this.found = groups.flatMap((name) => found.filter(({ group }) => (group ?? "") === name));
    Object.assign(this, { active: 0, isLoading: false });
    this.#changed();
  }
}
