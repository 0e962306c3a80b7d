/**
 * When the next picture is drawn. Many changes in a row are one picture. While a reply streams there are as many as the
 * eye can follow, and fewer where they take long: the processor has time for the rest.
 */

const STREAMED_MS = 40;
const RAREST_MS = 1000;
/** From one picture to the next it takes at least so many times as long as a picture. */
const PAUSE = 3;

export class Pictures {
  #draw;
  #isStreaming;
  #isDue = false;
  #drawnAt = 0;
  #interval = STREAMED_MS;

  /** @param {() => void} draw @param {() => boolean} isStreaming */
  constructor(draw, isStreaming) {
    this.#draw = draw;
    this.#isStreaming = isStreaming;
  }

  /** Draw soon. */
  schedule() {
    if (this.#isDue) return;
    this.#isDue = true;
    if (this.#isStreaming() && !document.hidden)
      setTimeout(() => this.#streamed(), this.#drawnAt + this.#interval - performance.now());
    else requestAnimationFrame(() => this.#due());
  }

  #due() {
    this.#isDue = false;
    this.#drawnAt = performance.now();
    this.#draw();
  }

  /** Not in a frame: so our part and the browser's are two tasks, neither of which is long. */
  #streamed() {
    this.#due();
    const ours = performance.now() - this.#drawnAt;
    requestAnimationFrame(() => {
      const begun = performance.now();
      setTimeout(() => this.#took(ours + performance.now() - begun));
    });
  }

  /** @param {number} ms */
  #took(ms) {
    this.#interval = Math.min(Math.max(ms * PAUSE, STREAMED_MS), RAREST_MS);
  }
}
