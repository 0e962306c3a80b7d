/**
 * What an action carries: its own payload and the values of its form, by dotted name. No DOM.
 * @import {Action, ActionConfig} from "./types.js"
 */

import { isRecord } from "./values.js";

/** A name of these would reach beyond the payload. */
const FORBIDDEN = new Set(["__proto__", "prototype", "constructor"]);

/** Read an action as a widget names it; what has no type is none.
 * @param {unknown} value @returns {ActionConfig | null} */
export function actionOf(value) {
  if (!isRecord(value) || typeof value.type !== "string" || !value.type) return null;
  const { type, payload, handler, loadingBehavior, streaming } = value;
  return {
    type,
    ...(payload !== undefined && payload !== null && { payload }),
    handler: handler === "client" ? "client" : "server",
    loadingBehavior:
      loadingBehavior === "none" || loadingBehavior === "self" || loadingBehavior === "container"
        ? loadingBehavior
        : "auto",
    streaming: streaming !== false,
  };
}

/** The action as it leaves. Names with dots reach into the payload: `address.city` becomes `{address: {city}}`.
 * @param {ActionConfig} config @param {Iterable<readonly [name: string, value: unknown]>} values @returns {Action} */
export function withValues({ type, payload }, values) {
  const pairs = [...values].filter(([name]) => isSafe(name));
  if (!pairs.length)
    return payload === undefined ? { type } : { type, payload: /** @type {Action["payload"]} */ (payload) };
  /** @type {Record<string, unknown>} */
  const merged = isRecord(payload) ? structuredClone(payload) : {};
  for (const [name, value] of pairs) put(merged, name.split("."), value);
  return { type, payload: merged };
}

/** @param {string} name */
const isSafe = (name) => name !== "" && name.split(".").every((part) => part && !FORBIDDEN.has(part));

/** @param {Record<string, unknown>} target @param {string[]} path @param {unknown} value */
function put(target, [name = "", ...rest], value) {
  if (!rest.length) {
    target[name] = value;
    return;
  }
  const inner = target[name];
  const next = isRecord(inner) ? inner : {};
  target[name] = next;
  put(next, rest, value);
}

/** @type {Record<string, "self" | "container" | "none">} */
const WAITS = {
  Button: "self",
  ListViewItem: "self",
  Card: "container",
  Form: "container",
};

/** What shows that it waits: the component, the whole widget, or nothing.
 * @param {ActionConfig} config @param {string} component the type of what it is bound to
 * @returns {"self" | "container" | "none"} */
export function waitingPart({ loadingBehavior = "auto" }, component) {
  if (loadingBehavior !== "auto") return loadingBehavior;
  return Object.hasOwn(WAITS, component) ? (WAITS[component] ?? "none") : "none";
}
