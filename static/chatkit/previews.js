/**
 * A look at an entity, while it is pointed at or has the focus. The page says what there is to see.
 * @import {Entity} from "@openai/chatkit"
 * @import {WidgetNode, Options} from "./types.js"
 */

/** Passing over something isn't looking at it; and on the way to the preview it stays. */
const OPEN_MS = 250;
const CLOSE_MS = 200;

/** @typedef {{entity: Entity, anchor: Element, preview: WidgetNode | null}} Shown */

export class Previews {
  /** @type {Shown | null} */
  shown = null;
  #options;
  #changed;
  #failed;
  /** What each entity showed last. @type {Map<string, WidgetNode | null>} */
  #known = new Map();
  /** Who was asked for it. @type {unknown} */
  #asked;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => Options} options @param {() => void} changed @param {(error: unknown) => void} failed */
  constructor(options, changed, failed) {
    this.#options = options;
    this.#changed = changed;
    this.#failed = failed;
  }

  /** @param {Entity} entity @param {Element} anchor */
  open(entity, anchor) {
    clearTimeout(this.#timer);
    if (!this.#options().entities?.onRequestPreview) return;
    this.#timer = setTimeout(() => this.#ask(entity, anchor), OPEN_MS);
  }

  /** The pointer is over the preview itself. */
  keep() {
    clearTimeout(this.#timer);
  }

  close() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.dismiss(), CLOSE_MS);
  }

  dismiss() {
    clearTimeout(this.#timer);
    if (!this.shown) return;
    this.shown = null;
    this.#changed();
  }

  /** @param {Entity} entity @param {Element} anchor */
  async #ask(entity, anchor) {
    const timer = this.#timer;
    const { onRequestPreview } = this.#options().entities ?? {};
    if (onRequestPreview !== this.#asked) this.#known.clear();
    this.#asked = onRequestPreview;
    try {
      const known = this.#known.get(entity.id);
      const answer = known ? { preview: known } : await onRequestPreview?.(entity);
      const preview = /** @type {WidgetNode | null} */ (/** @type {unknown} */ (answer?.preview ?? null));
      this.#known.set(entity.id, preview);
      if (timer !== this.#timer || !preview || !anchor.isConnected) return;
      this.shown = { entity, anchor, preview };
      this.#changed();
    } catch (error) {
      this.#failed(error);
    }
  }
}
