/**
 * How a widget's tree changes while it streams: pure functions, no DOM.
 * @import {ItemUpdate, Item, WidgetNode} from "../types.js"
 */

/** Lists and components in one another. */
const DEEPEST = 200;

/** The whole widget anew.
 * @param {Item} item @param {ItemUpdate} update @returns {Item} */
export function replaceRoot(item, { widget }) {
  return widget ? { ...item, widget } : item;
}

/** One component anew, found by its id.
 * @param {Item} item @param {ItemUpdate} update @returns {Item} */
export function replaceComponent(item, { component_id, component }) {
  return component ? withComponent(item, component_id, () => component) : item;
}

/** More text for a component that streams.
 * @param {Item} item @param {ItemUpdate} update @returns {Item} */
export function appendText(item, { component_id, delta = "", done }) {
  return withComponent(item, component_id, (component) => ({
    ...component,
    value: String(component.value ?? "") + delta,
    streaming: !done,
  }));
}

/** @param {Item} item @param {string | undefined} id @param {(component: WidgetNode) => WidgetNode} change */
function withComponent(item, id, change) {
  if (!item.widget || id === undefined) return item;
  const widget = /** @type {WidgetNode} */ (changed(item.widget, id, change));
  return widget === item.widget ? item : { ...item, widget };
}

/** What doesn't hold the component stays the same object, so that views can skip it; and what is too deep to be drawn.
 * @param {unknown} node @param {string} id @param {(component: WidgetNode) => WidgetNode} change
 * @param {number} [depth] @returns {unknown} */
function changed(node, id, change, depth = 0) {
  if (depth > DEEPEST) return node;
  if (Array.isArray(node)) {
    const copy = node.map((part) => changed(part, id, change, depth + 1));
    return copy.some((part, at) => part !== node[at]) ? copy : node;
  }
  if (typeof node !== "object" || node === null) return node;
  const known = /** @type {WidgetNode} */ (node);
  if (known.id === id && typeof known.type === "string") return change(known);
  const parts = Object.entries(known).map(([name, part]) => [name, changed(part, id, change, depth + 1)]);
  return parts.some(([name, part]) => part !== known[/** @type {string} */ (name)])
    ? Object.fromEntries(parts)
    : node;
}
