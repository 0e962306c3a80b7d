/**
 * A chart's data as places between 0 and 1: what stands on what, and which lines the axis has. No DOM.
 */

import { isRecord, named, number, plotColour, words } from "../values.js";

/** @typedef {Record<string, unknown>} Node */
/**
 * @typedef {{from: number, to: number, value: number} | null} Point
 * @typedef {{type: "bar" | "area" | "line", label: string, colour: string, curve: string, stack: string,
 *   points: Point[]}} Series
 * @typedef {object} Plot
 * @property {string[]} categories
 * @property {Series[]} series
 * @property {number[]} ticks
 * @property {(value: number) => number} place from the bottom, 0 to 1
 * @property {Series[][]} columns bars that stand beside each other; those in one stand on each other
 * @property {boolean} isBanded whether each category has a width of its own, as bars need
 */

const TYPES = /** @type {const} */ (["bar", "area", "line"]);
const TICKS = 4;

/** Read a chart as its server wrote it.
 * @param {Node} node @returns {Plot} */
export function plotOf(node) {
  const rows = [node.data].flat().filter(isRecord);
  const axis = axisOf(node.xAxis);
  const series = seriesOf(node, rows);
  const values = series.flatMap(({ points }) =>
    points.flatMap((point) => (point ? [point.from, point.to] : [])),
  );
  const isFromZero = series.some(({ type }) => type !== "line");
  const ticks = ticksOf(
    Math.min(...values, ...(isFromZero ? [0] : [])),
    Math.max(...values, ...(isFromZero ? [0] : [])),
  );
  const [lowest = 0, highest = 1] = [ticks[0], ticks.at(-1)];
  const bars = series.filter(({ type }) => type === "bar");
  return {
    categories: rows.map((row) => named(axis.labels, words(row[axis.key])) ?? words(row[axis.key])),
    series,
    ticks,
    place: (value) => (value - lowest) / (highest - lowest || 1),
    columns: grouped(bars),
    isBanded: bars.length > 0,
  };
}

/** Where a category lies along the axis, from 0 to 1.
 * @param {number} at @param {number} count @param {boolean} isBanded */
export function along(at, count, isBanded) {
  if (isBanded || count < 2) return (at + 0.5) / Math.max(count, 1);
  return at / (count - 1);
}

/** Every how many categories a name fits.
 * @param {readonly string[]} categories @param {number} characters that fit in all */
export function nameStep(categories, characters = 64) {
  const longest = Math.max(...categories.map((name) => name.length), 1);
  return Math.max(1, Math.ceil((categories.length * (longest + 2)) / characters));
}

/** Round steps that enclose a range.
 * @param {number} lowest @param {number} highest @returns {number[]} */
export function ticksOf(lowest, highest) {
  if (!Number.isFinite(lowest) || !Number.isFinite(highest)) return [0, 1];
  const range = highest - lowest || Math.abs(highest) || 1;
  const step = roundStep(range / TICKS);
  const first = Math.floor(lowest / step + 1e-9);
  const last = Math.max(Math.ceil((lowest === highest ? highest + step : highest) / step - 1e-9), first + 1);
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

/** @param {number} step */
function roundStep(step) {
  const power = 10 ** Math.floor(Math.log10(step));
  return ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= step * (1 - 1e-9)) ?? 10) * power;
}

/** @param {unknown} axis */
function axisOf(axis) {
  const { dataKey, labels } = isRecord(axis) ? axis : { dataKey: axis, labels: null };
  return {
    key: words(dataKey),
    labels: /** @type {Record<string, string>} */ (isRecord(labels) ? labels : {}),
  };
}

/** Series of one stack stand on each other, above and below zero apart.
 * @param {Node} node @param {Node[]} rows @returns {Series[]} */
function seriesOf(node, rows) {
  /** @type {Map<string, {up: number, down: number}>} */
  const heights = new Map();
  const all = [node.series].flat().filter(isRecord);
  const taken = all.map(({ color }) => color).filter((color) => typeof color === "string");
  return all.flatMap((one) => {
    const type = TYPES.find((known) => known === one.type);
    const key = words(one.dataKey);
    if (!type || !key) return [];
    const stack = type === "line" ? "" : words(one.stack);
    const { name, colour } = plotColour(one.color, taken);
    taken.push(name);
    const points = rows.map((row, category) => {
      const value = number(row[key]);
      if (value === null) return null;
      if (!stack) return { from: 0, to: value, value };
      return stacked(heights, `${type} ${stack} ${category}`, value);
    });
    const flat = type === "line" ? points.map((point) => point && { ...point, from: point.to }) : points;
    return [
      {
        type,
        label: words(one.label) || key,
        colour,
        curve: words(one.curveType),
        stack,
        points: flat,
      },
    ];
  });
}

/** @param {Map<string, {up: number, down: number}>} heights @param {string} key @param {number} value */
function stacked(heights, key, value) {
  const height = heights.get(key) ?? { up: 0, down: 0 };
  const side = value < 0 ? "down" : "up";
  const from = height[side];
  heights.set(key, { ...height, [side]: from + value });
  return { from, to: from + value, value };
}

/** @param {Series[]} bars @returns {Series[][]} */
function grouped(bars) {
  /** @type {Map<string, Series[]>} */
  const columns = new Map();
  for (const [at, bar] of bars.entries()) {
    const key = bar.stack ? `stack ${bar.stack}` : `bar ${at}`;
    columns.set(key, [...(columns.get(key) ?? []), bar]);
  }
  return [...columns.values()];
}
