/**
 * A widget as an item of the thread. Little is here: the rest is fetched with the first widget.
 * @import {WidgetsOption} from "@openai/chatkit"
 * @import {Item} from "../types.js"
 * @import {Model} from "../views/model.js"
 * @import {Host} from "./types.js"
 */

import { Directive, directive, PartType } from "lit/directive.js";
import { html, noChange, nothing } from "lit/html.js";

/** Draw a widget's item; one that isn't known draws nothing.
 * @param {Item} item @param {boolean} _isDraft @param {Model} model */
export function widgetItem(item, _isDraft, model) {
  return item.widget
    ? html`<div class="widget" tabindex="-1" ${widget(item, hostOf(model))}></div>`
    : nothing;
}

/** A widget that isn't part of the thread, to look at: its actions go nowhere.
 * @param {Item["widget"]} root @param {Model} model */
export function widgetPreview(root, model) {
  const host = { ...hostOf(model), send: async () => {}, onAction: () => undefined };
  return root
    ? html`<div class="widget" ${widget({ id: "preview", type: "widget", widget: root }, host)}></div>`
    : nothing;
}

/** @typedef {Parameters<NonNullable<WidgetsOption["onAction"]>>[1]} PublishedItem */

/** @param {Model} model @returns {Host} */
function hostOf({ strings, language, session, options, act }) {
  const { onAction } = options.widgets ?? {};
  return {
    strings,
    language,
    imageDomains: session.state.thread?.allowed_image_domains ?? null,
    send: act.sendAction,
    onAction: (action, item) =>
      onAction?.(action, /** @type {PublishedItem} */ (/** @type {unknown} */ (item))),
    failed: act.failed,
  };
}

/** @type {Promise<typeof import("./body.js")> | undefined} */
let fetched;

class WidgetDirective extends Directive {
  /** @type {import("./body.js").WidgetBody | undefined} */
  #body;
  /** @type {[Item, Host] | undefined} */
  #latest;

  /** @param {import("lit/directive.js").PartInfo} part */
  constructor(part) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("widget() belongs on an element");
  }

  /** @param {Item} _item @param {Host} _host @returns {unknown} */
  render(_item, _host) {
    return noChange;
  }

  /** @override @param {import("lit/directive.js").ElementPart} part @param {[Item, Host]} values */
  update({ element }, values) {
    const isFirst = !this.#latest;
    this.#latest = values;
    if (this.#body) this.#body.show(...values);
    else if (isFirst) this.#begin(/** @type {HTMLElement} */ (element), values[1]);
    return noChange;
  }

  /** @param {HTMLElement} element @param {Host} host */
  async #begin(element, host) {
    fetched ??= import("./body.js");
    try {
      const { WidgetBody } = await fetched;
      this.#body = new WidgetBody(element);
      if (this.#latest) this.#body.show(...this.#latest);
    } catch (error) {
      fetched = undefined;
      this.#latest = undefined;
      host.failed(error);
    }
  }
}

/** Keeps an element's content at a widget. */
export const widget = directive(WidgetDirective);
