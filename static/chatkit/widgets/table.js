/**
 * A table of components, which scrolls by itself.
 * @import {Stage} from "./types.js"
 */

import { html, nothing } from "lit/html.js";
import { styled } from "./styled.js";
import * as values from "./values.js";

/** @typedef {Record<string, unknown>} Node */

/** @type {Record<string, string>} */
const WIDTHS = { xs: "3rem", sm: "5rem", md: "8rem", lg: "12rem", xl: "18rem" };
const ALIGNMENTS = /** @type {const} */ (["start", "center", "end"]);

/** @param {Node} node @param {Stage} stage */
export function table(node, stage) {
  const rows = partsOf(node, "Table.Row");
  const firstBody = rows.findIndex(({ header }) => !header);
  const split = firstBody < 0 ? rows.length : firstBody;
  return html`<div class="w-table" tabindex="0" role="group" aria-label=${stage.host.strings.table}>
    <table>
      ${split ? html`<thead>${rows.slice(0, split).map((row) => line(row, stage))}</thead>` : nothing}
      <tbody>${rows.slice(split).map((row) => line(row, stage))}</tbody>
    </table>
  </div>`;
}

/** @param {Node} row @param {Stage} stage */
function line(row, stage) {
  const cells = partsOf(row, "Table.Cell");
  return html`<tr>${cells.map((cell) => (row.header ? heading(cell, stage) : place(cell, stage)))}</tr>`;
}

/** @param {Node} cell @param {Stage} stage */
function heading(cell, stage) {
  const [columns, rows] = spans(cell);
  return html`<th scope="col" colspan=${columns} rowspan=${rows} ${styled(lay(cell))}>${stage.children(cell.children)}</th>`;
}

/** @param {Node} cell @param {Stage} stage */
function place(cell, stage) {
  const [columns, rows] = spans(cell);
  return html`<td colspan=${columns} rowspan=${rows} ${styled(lay(cell))}>${stage.children(cell.children)}</td>`;
}

/** @param {Node} cell */
function spans({ colSpan, rowSpan }) {
  return [values.number(colSpan) ?? nothing, values.number(rowSpan) ?? nothing];
}

/** @param {Node} cell @returns {values.Declarations} */
function lay({ width, padding, align, vAlign, colSize }) {
  const across = ALIGNMENTS.find((known) => known === align);
  return values.kept({
    "inline-size": values.length(width) || (values.named(WIDTHS, colSize) ?? ""),
    "text-align": across ?? "",
    "white-space": across === "end" ? "nowrap" : "",
    "--across": across ? `${across === "center" ? "" : "flex-"}${across}` : "",
    "vertical-align": { start: "top", center: "middle", end: "bottom" }[values.oneOf(vAlign, ALIGNMENTS)],
    ...values.spacing("padding", padding),
  });
}

/** @param {Node} node @param {string} type @returns {Node[]} */
function partsOf({ children }, type) {
  return [children]
    .flat()
    .filter(values.isRecord)
    .filter((part) => part.type === type);
}
