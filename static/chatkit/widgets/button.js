/**
 * A button in the manner of a control.
 * @import {Stage} from "./types.js"
 */

import { html, nothing } from "lit/html.js";
import { sizeOf } from "./fields/names.js";
import { mark } from "./marks.js";
import { styled } from "./styled.js";
import * as values from "./values.js";

const COLOURS = /** @type {const} */ ([
  "secondary",
  "primary",
  "info",
  "discovery",
  "success",
  "caution",
  "warning",
  "danger",
]);
/** @type {Record<string, string>} */
const ICON_SIZES = { sm: "0.875rem", md: "1rem", lg: "1.25rem", xl: "1.5rem", "2xl": "2rem" };

/** A submit button leaves it to its form, which checks first.
 * @param {Record<string, unknown>} node @param {Stage} stage */
export function button(node, stage) {
  const { submit, label, iconStart, iconEnd, disabled } = node;
  const isBusy = stage.isBusy(node);
  const press = (/** @type {MouseEvent} */ { currentTarget }) => {
    const element = /** @type {HTMLButtonElement} */ (currentTarget);
    if (submit && element.form && !element.form.checkValidity()) return;
    stage.act(node.onClickAction, { node, element });
  };
  const drawing = values.words(iconStart) || values.words(iconEnd);
  return html`<button
    class="button w-button ${kinds(node)}"
    type=${submit ? "submit" : "button"}
    aria-label=${values.words(label) ? nothing : drawing.replace(/^\w+:/, "").replaceAll("-", " ") || stage.host.strings.open}
    aria-busy=${isBusy ? "true" : nothing}
    ?disabled=${disabled}
    @click=${press}
    ${styled(values.kept({ "--high": sizeOf(node.size), "--icon": values.named(ICON_SIZES, node.iconSize) ?? "" }))}
  >${isBusy ? html`<span class="spinner"></span>` : mark(iconStart, "16")}${values.words(label)}${mark(iconEnd, "16")}</button>`;
}

/** A style is short for a colour and a variant. @param {Record<string, unknown>} node */
function kinds({ style, color, variant, pill, uniform, block, label, iconStart, iconEnd }) {
  const isPlain = color === undefined && style !== "primary";
  const colour = style === "primary" && color === undefined ? "primary" : values.oneOf(color, COLOURS);
  const shape = values.oneOf(
    variant,
    isPlain ? ["outline", "solid", "soft", "ghost"] : ["solid", "soft", "outline", "ghost"],
  );
  return [
    `w-tone--${colour}`,
    `w-button--${shape}`,
    pill ? "w-button--pill" : "",
    uniform || (!values.words(label) && Boolean(iconStart) !== Boolean(iconEnd)) ? "w-button--uniform" : "",
    block ? "w-button--block" : "",
    values.yields(label),
  ].join(" ");
}
