/** When to try again, and when not to: a growing delay, and whether the browser is online. No DOM. */

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/** How long to wait before an attempt: doubling, with jitter so that pages don't come back all at once.
 * @param {number} attempt @param {number} [chance] @returns {number} */
export function backoff(attempt, chance = Math.random()) {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt) * (0.5 + chance / 2);
}

/** One thing that is tried until it works. */
export class Retry {
  /** How often it has failed in a row. */
  failures = 0;
  /** @type {number | null} when it is tried next */
  at = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #act;

  /** @param {() => void} act */
  constructor(act) {
    this.#act = act;
  }

  /** @param {number | null} [seconds] what the other side asks to wait for at least */
  later(seconds = null) {
    const delay = Math.max(backoff(this.failures), (seconds ?? 0) * 1000);
    this.failures += 1;
    this.at = Date.now() + delay;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), delay);
  }

  now() {
    this.pause();
    this.#act();
  }

  /** It worked, or is no longer wanted. */
  reset() {
    this.failures = 0;
    this.pause();
  }

  pause() {
    clearTimeout(this.#timer);
    this.at = null;
  }
}
