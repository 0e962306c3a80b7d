/**
 * Once a field is in the page: the focus, where it is asked for and nobody is writing elsewhere.
 * @import {ElementPart, PartInfo} from "lit/directive.js"
 */

import { Directive, directive, PartType } from "lit/directive.js";
import { noChange } from "lit/html.js";

class Mounted extends Directive {
  #isDone = false;

  /** @param {PartInfo} part */
  constructor(part) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("mounted() belongs on an element");
  }

  /** @param {(element: HTMLElement) => void} _then @returns {unknown} */
  render(_then) {
    return noChange;
  }

  /** @override @param {ElementPart} part @param {[(element: HTMLElement) => void]} values */
  update({ element }, [then]) {
    if (!this.#isDone) queueMicrotask(() => then(/** @type {HTMLElement} */ (element)));
    this.#isDone = true;
    return noChange;
  }
}

/** Call a function once, when the element is in the page. */
export const mounted = directive(Mounted);

/** @param {Record<string, unknown>} options */
export function focusing({ autoFocus, autoSelect }) {
  return (/** @type {HTMLElement} */ element) => {
    const field = /** @type {HTMLInputElement | HTMLTextAreaElement} */ (element);
    if (autoSelect) field.addEventListener("focus", () => field.select());
    if (autoFocus && !isWriting(field)) field.focus({ preventScroll: true });
  };
}

/** @param {Element} element */
function isWriting(element) {
  const { activeElement } = /** @type {ShadowRoot | Document} */ (element.getRootNode());
  return activeElement !== null && "value" in activeElement && activeElement.value !== "";
}
