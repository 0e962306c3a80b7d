/**
 * One widget on the page: it draws itself again when its data changes, when a person changes something in it,
 * and while an action is under way.
 * @import {Item, WidgetNode} from "../types.js"
 * @import {ActionConfig, Host, Source, Stage, WidgetItem} from "./types.js"
 */

import { repeat } from "lit/directives/repeat.js";
import { html, nothing, render } from "lit/html.js";
import { icon } from "../icons.js";
import { loadSheet } from "../sheets.js";
import { valuesOf } from "./fields/values.js";
import { actionOf, waitingPart, withValues } from "./payload.js";
import { isRecord, words } from "./values.js";
import { VIEWS } from "./views.js";

const sheet = await loadSheet("./widgets/widgets.css");
/** A widget deeper than this is nobody's design. */
const DEEPEST = 60;
/** Values that would pass for something else than data. */
const SUSPECT = ["_$litType$", "_$litDirective$", "toString", "valueOf", "constructor"];

let count = 0;

/** @typedef {{key: string, part: "self" | "container"}} Waiting what waits for an action, by its place */

/** @implements {Stage} */
export class WidgetBody {
  id = `widget-${++count}`;
  /** @type {ReadonlySet<string>} */
  labels = new Set();
  /** @type {Host} */
  host;
  #element;
  /** @type {WidgetItem} */
  #item = { id: "", widget: { type: "" } };
  /** @type {Set<Waiting>} */
  #waiting = new Set();
  #hasFailed = false;
  /** By a component's place, which lasts while the widget streams. @type {Map<string, unknown>} */
  #kept = new Map();
  /** @type {WeakMap<object, string>} */
  #places = new WeakMap();

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
    this.host = /** @type {Host} */ ({});
    const root = element.getRootNode();
    if (root instanceof ShadowRoot || root instanceof Document)
      if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
  }

  /** @param {Item} item @param {Host} host */
  show({ id, widget }, host) {
    const { strings, language, imageDomains } = this.host;
    const isSame =
      strings === host.strings && language === host.language && imageDomains === host.imageDomains;
    this.host = host;
    if (isSame && id === this.#item.id && widget === this.#item.widget) return;
    if (widget && widget !== this.#item.widget) {
      this.#hasFailed = false;
      this.#waiting.clear();
      this.labels = new Set();
      this.#survey(widget, "", 0);
    }
    this.#item = { id, widget: widget ?? { type: "" } };
    this.#draw();
  }

  /** @param {unknown} nodes @param {(drawn: unknown) => unknown} [wrap] */
  children(nodes, wrap = (drawn) => drawn) {
    const list = (Array.isArray(nodes) ? nodes : [nodes]).filter(isRecord);
    return repeat(
      list,
      (node, at) => this.#places.get(node) ?? at,
      (node) => wrap(this.draw(node)),
    );
  }

  /** @param {unknown} node @returns {unknown} */
  draw(node) {
    if (!isRecord(node) || !this.#places.has(node)) return nothing;
    const view = Object.hasOwn(VIEWS, words(node.type)) ? VIEWS[words(node.type)] : null;
    try {
      return view ? view(/** @type {WidgetNode} */ (node), this) : nothing;
    } catch (error) {
      this.host.failed(error);
      return nothing;
    }
  }

  /** @param {unknown} named @param {Source} source */
  act(named, { node, kind = words(node.type), element, values = [] }) {
    const action = actionOf(named);
    if (!action || this.#isClosed || this.isBusy(node)) return;
    const part = waitingPart(action, kind);
    const waiting = part === "none" ? null : { key: this.#places.get(node) ?? "", part };
    this.#run(action, waiting, [...valuesOf(element), ...values]);
  }

  /** @param {Record<string, unknown>} node */
  isBusy(node) {
    const place = this.#places.get(node);
    return [...this.#waiting].some(({ key, part }) => part === "self" && key === place);
  }

  /** @param {Record<string, unknown>} node */
  recall(node) {
    return this.#kept.get(this.#places.get(node) ?? "");
  }

  /** @param {Record<string, unknown>} node @param {unknown} value */
  keep(node, value) {
    this.#kept.set(this.#places.get(node) ?? "", value);
    this.#draw();
  }

  redraw() {
    this.#draw();
  }

  /** Remember where each component is; one that isn't plain data, or too deep, is left out.
   * @param {unknown} value @param {string} place @param {number} depth */
  #survey(value, place, depth) {
    if (!isRecord(value) || depth > DEEPEST || isSuspect(value)) return;
    this.#places.set(value, place);
    if (value.type === "Label") this.labels = new Set([...this.labels, words(value.fieldName)]);
    for (const name of ["confirm", "cancel"]) this.#survey(value[name], `${place}/${name}`, depth + 1);
    const names = new Set();
    for (const [at, child] of [value.children].flat().entries()) {
      const own = isRecord(child) ? words(child.key) || words(child.id) || `${words(child.type)} ${at}` : at;
      const name = names.has(own) ? `${own} ${at}` : own;
      names.add(name);
      this.#survey(child, `${place}/${name}`, depth + 1);
    }
  }

  /** @param {ActionConfig} action @param {Waiting | null} waiting @param {(readonly [string, unknown])[]} values */
  async #run(action, waiting, values) {
    if (waiting) this.#waiting.add(waiting);
    this.#hasFailed = false;
    this.#draw();
    try {
      const sent = withValues(action, values);
      if (action.handler === "client") await this.host.onAction(sent, this.#item);
      else await this.host.send(sent, this.#item, action.streaming !== false);
    } catch (error) {
      this.#hasFailed = true;
      if (action.handler === "client") this.host.failed(error); // of a request the session tells
    }
    if (waiting) this.#waiting.delete(waiting);
    this.#draw();
  }

  /** While the whole widget waits nothing in it can be pressed. */
  get #isClosed() {
    return [...this.#waiting].some(({ part }) => part === "container");
  }

  #draw() {
    if (!this.#element.isConnected) return;
    const root = /** @type {ShadowRoot | Document} */ (this.#element.getRootNode());
    const focused = root.activeElement;
    const hadFocus = focused && focused !== this.#element && this.#element.contains(focused);
    this.#element.ariaBusy = String(this.#isClosed);
    render(this.#content(), this.#element);
    if (hadFocus && !this.#element.contains(root.activeElement)) this.#element.focus({ preventScroll: true });
  }

  #content() {
    const { strings } = this.host;
    return html`${this.draw(this.#item.widget)}${
      this.#hasFailed
        ? html`<p class="field__error widget__error" role="alert">${icon("alert", "16")}<span>${strings.actionFailed}</span></p>`
        : nothing
    }`;
  }
}

/** @param {Record<string, unknown>} node */
function isSuspect(node) {
  return SUSPECT.some((name) => Object.hasOwn(node, name));
}
