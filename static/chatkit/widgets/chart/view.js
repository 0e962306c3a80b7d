/**
 * A chart, drawn with the page's own means, and its figures as a table for whoever prefers them.
 * @import {Stage} from "../types.js"
 * @import {Plot, Series} from "./plot.js"
 */

import { html, nothing, svg } from "lit/html.js";
import { styled } from "../styled.js";
import { block, isRecord, kept, number } from "../values.js";
import { along, nameStep, plotOf } from "./plot.js";

/** @typedef {Record<string, unknown>} Node */

const BAR_GAP_PX = 4;

/** @param {Node} node @param {Stage} stage */
export function chart(node, stage) {
  const plot = plotOf(node);
  const { strings, language } = stage.host;
  if (!plot.categories.length || !plot.series.length)
    return html`<p class="w-caption">${strings.noFigures}</p>`;
  const axis = isRecord(node.xAxis) ? node.xAxis : {};
  const hasLegend = node.showLegend ?? plot.series.length > 1;
  const names = plot.series.map(({ label }) => label).join(", ");
  const { outer, inner } = sizesOf(node);
  return html`<figure class="w-chart" ${styled(outer)}>
    <div class="w-chart__drawing" ${styled(inner)}>
    ${hasLegend ? legend(plot.series) : nothing}
    <div class="w-chart__area" role="img" aria-label=${strings.chartOf(names)}>
      ${node.showYAxis === false ? nothing : scale(plot, language)}
      <div class="w-chart__plot">
        ${plot.ticks.map((tick) => html`<div class="w-chart__rule ${tick === 0 ? "w-chart__rule--zero" : ""}" ${styled({ "inset-block-end": percent(plot.place(tick)) })}></div>`)}
        ${lines(plot, stage)}
        ${plot.categories.map((category, at) => slot(category, at, plot, node, language))}
      </div>
      ${axis.hide ? nothing : categoryNames(plot)}
    </div>
    </div>
    ${figures(plot, stage)}
  </figure>`;
}

/** The width is the whole figure's; the height is the drawing's, without the table beneath it.
 * @param {Node} node */
function sizesOf(node) {
  const all = Object.entries(block(node));
  const isInner = (/** @type {string} */ name) => name.includes("block-size") || name === "aspect-ratio";
  // A share of a height that depends on the drawing itself would be none.
  const inner = Object.fromEntries(all.filter(([name, value]) => isInner(name) && !value.endsWith("%")));
  if (inner["aspect-ratio"] && !inner["block-size"]) inner["block-size"] = "auto";
  return { outer: Object.fromEntries(all.filter(([name]) => !isInner(name))), inner };
}

/** @param {Series[]} series */
function legend(series) {
  return html`<ul class="w-chart__legend">
    ${series.map(({ label, colour, type }) => html`<li><span class="w-chart__key w-chart__key--${type}" ${styled({ "--plot": colour })}></span>${label}</li>`)}
  </ul>`;
}

/** @param {Plot} plot @param {string} language */
function scale({ ticks, place }, language) {
  const format = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 2 });
  return html`<div class="w-chart__scale">
    ${ticks.map((tick) => html`<span ${styled({ "inset-block-end": percent(place(tick)) })}>${format.format(tick)}</span>`)}
  </div>`;
}

/** @param {Plot} plot */
function categoryNames({ categories, isBanded }) {
  const step = nameStep(categories);
  return html`<div class="w-chart__names ${isBanded ? "" : "w-chart__names--edge"}">
    ${categories.map((name, at) => (at % step ? nothing : html`<span ${styled({ "--at": percent(along(at, categories.length, isBanded)) })}>${name}</span>`))}
  </div>`;
}

/** What belongs to one category: its bars, and its figures when it is pointed at.
 * @param {string} category @param {number} at @param {Plot} plot @param {Node} node @param {string} language */
function slot(category, at, plot, node, language) {
  const { categories, columns, isBanded, place, series } = plot;
  const width = isBanded || categories.length < 2 ? 1 / categories.length : 1 / (categories.length - 1);
  const from = along(at, categories.length, isBanded) - width / 2;
  const declarations = kept({
    "inset-inline-start": percent(from),
    "inline-size": percent(width),
    "--gap": `${number(node.barGap) ?? BAR_GAP_PX}px`,
    "--apart": number(node.barCategoryGap) === null ? "" : `${number(node.barCategoryGap)}px`,
  });
  const dots = series.filter(({ type }) => type !== "bar");
  return html`<div class="w-chart__slot ${from + width / 2 > 0.5 ? "w-chart__slot--late" : ""}" ${styled(declarations)}>
    ${columns.length ? html`<div class="w-chart__bars">${columns.map((column) => html`<div class="w-chart__column">${column.map((bar) => barOf(bar, at, place))}</div>`)}</div>` : nothing}
    ${dots.map(({ points, colour }) => dot(points[at] ?? null, colour, place))}
    ${node.showTooltip === false ? nothing : tip(category, at, series, language)}
  </div>`;
}

/** @param {Series} bar @param {number} at @param {Plot["place"]} place */
function barOf({ points, colour }, at, place) {
  const point = points[at];
  if (!point) return nothing;
  const [low, high] = [place(Math.min(point.from, point.to)), place(Math.max(point.from, point.to))];
  return html`<span class="w-chart__bar ${point.value < 0 ? "w-chart__bar--down" : ""}" ${styled({ "--plot": colour, "inset-block-end": percent(low), "block-size": percent(high - low) })}></span>`;
}

/** @param {Series["points"][number]} point @param {string} colour @param {Plot["place"]} place */
function dot(point, colour, place) {
  if (!point) return nothing;
  return html`<span class="w-chart__dot" ${styled({ "--plot": colour, "inset-block-end": percent(place(point.to)) })}></span>`;
}

/** @param {string} category @param {number} at @param {Series[]} series @param {string} language */
function tip(category, at, series, language) {
  const format = new Intl.NumberFormat(language);
  return html`<div class="w-chart__tip">
    <strong>${category}</strong>
    ${series.map(({ label, colour, points }) => {
      const point = points[at];
      return point
        ? html`<span><i ${styled({ "--plot": colour })}></i>${label}<b>${format.format(point.value)}</b></span>`
        : nothing;
    })}
  </div>`;
}

/** @type {typeof import("./curves.js") | undefined} */
let curves;

/** @param {Plot} plot @param {Stage} stage */
function lines(plot, stage) {
  const drawn = plot.series.filter(({ type }) => type !== "bar");
  if (!drawn.length) return nothing;
  if (!curves) {
    import("./curves.js").then(
      (module) => {
        curves = module;
        stage.redraw();
      },
      (error) => stage.host.failed(error),
    );
    return nothing;
  }
  const { UNITS, paths } = curves;
  return html`<svg class="w-chart__lines" viewBox="0 0 ${UNITS} ${UNITS}" preserveAspectRatio="none" aria-hidden="true">
    ${drawn.map((series) => {
      const { line, area } = paths(series, plot);
      return svg`<g ${styled({ "--plot": series.colour })}>${area ? svg`<path class="w-chart__fill" d=${area}></path>` : nothing}<path class="w-chart__line" d=${line}></path></g>`;
    })}
  </svg>`;
}

/** @param {Plot} plot @param {Stage} stage */
function figures({ categories, series }, { host: { strings, language } }) {
  const format = new Intl.NumberFormat(language);
  return html`<details class="w-chart__figures">
    <summary>${strings.showFigures}</summary>
    <div class="w-table" tabindex="0" role="group" aria-label=${strings.table}>
      <table>
        <thead>
          <tr><td></td>${series.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr>
        </thead>
        <tbody>
          ${categories.map(
            (category, at) =>
              html`<tr><th scope="row">${category}</th>${series.map(({ points }) => {
                const point = points[at];
                return html`<td>${point ? format.format(point.value) : "–"}</td>`;
              })}</tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}

/** @param {number} share */
function percent(share) {
  return `${(100 * share).toFixed(3)}%`;
}
