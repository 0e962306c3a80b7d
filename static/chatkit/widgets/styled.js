/**
 * Style that data asks for, set property by property: a style attribute in markup would break the page's policy.
 * @import {ElementPart, PartInfo} from "lit/directive.js"
 * @import {Declarations} from "./values.js"
 */

import { Directive, directive, PartType } from "lit/directive.js";
import { noChange } from "lit/html.js";

/** A rem of ours, which may become another one in the page. */
const OURS = "calc($1 * var(--rem, 1rem))";

class Styled extends Directive {
  /** @type {Declarations} */
  #before = {};

  /** @param {PartInfo} part */
  constructor(part) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("styled() belongs on an element");
  }

  /** @param {Declarations} _declarations @returns {unknown} */
  render(_declarations) {
    return noChange;
  }

  /** @override @param {ElementPart} part @param {[Declarations]} values */
  update({ element }, [declarations]) {
    const { style } = /** @type {HTMLElement} */ (element);
    for (const name of Object.keys(this.#before)) if (!(name in declarations)) style.removeProperty(name);
    for (const [name, value] of Object.entries(declarations))
      if (this.#before[name] !== value) style.setProperty(name, value.replace(/([\d.]+)rem\b/g, OURS));
    this.#before = declarations;
    return noChange;
  }
}

/** Give an element these declarations, and take away what it had from here before. */
export const styled = directive(Styled);
