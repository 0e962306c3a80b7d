/**
 * Lines through points. ChatKit names its curves after d3's, so they are d3's: fetched with the first line.
 * @import {Plot, Series} from "./plot.js"
 */

import * as d3 from "d3-shape";
import { along } from "./plot.js";

/** The drawing's own measure; it is stretched to the plot. */
export const UNITS = 1000;

/** @type {Record<string, typeof d3.curveLinear>} */
const CURVES = {
  basis: d3.curveBasis,
  basisClosed: d3.curveBasisClosed,
  basisOpen: d3.curveBasisOpen,
  bump: d3.curveBumpX,
  bumpX: d3.curveBumpX,
  bumpY: d3.curveBumpY,
  linear: d3.curveLinear,
  linearClosed: d3.curveLinearClosed,
  monotone: d3.curveMonotoneX,
  monotoneX: d3.curveMonotoneX,
  monotoneY: d3.curveMonotoneY,
  natural: d3.curveNatural,
  step: d3.curveStep,
  stepAfter: d3.curveStepAfter,
  stepBefore: d3.curveStepBefore,
};

/** The line of a series and, for an area, what is beneath it; gaps stay gaps.
 * @param {Series} series @param {Plot} plot @returns {{line: string, area: string}} */
export function paths({ type, points, curve }, { place, categories, isBanded }) {
  const bend = (Object.hasOwn(CURVES, curve) && CURVES[curve]) || d3.curveMonotoneX;
  const x = (/** @type {unknown} */ _point, /** @type {number} */ at) =>
    UNITS * along(at, categories.length, isBanded);
  const y = (/** @type {number} */ value) => UNITS * (1 - place(value));
  const line = /** @type {typeof d3.line<Series["points"][number]>} */ (d3.line)()
    .x(x)
    .y((point) => y(point?.to ?? 0))
    .defined(Boolean)
    .curve(bend);
  const area = /** @type {typeof d3.area<Series["points"][number]>} */ (d3.area)()
    .x(x)
    .y0((point) => y(point?.from ?? 0))
    .y1((point) => y(point?.to ?? 0))
    .defined(Boolean)
    .curve(bend);
  return { line: line(points) ?? "", area: type === "area" ? (area(points) ?? "") : "" };
}
