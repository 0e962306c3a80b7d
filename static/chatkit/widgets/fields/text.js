/**
 * Fields for text, and text that can be edited in its place.
 * @import {Stage} from "../types.js"
 */

import { html, nothing } from "lit/html.js";
import { styled } from "../styled.js";
import { kept, number, oneOf, words } from "../values.js";
import { focusing, mounted } from "./mounted.js";
import { fieldId, fieldKinds, gutterOf, nameFor, sizeOf } from "./names.js";

/** @typedef {Record<string, unknown>} Node */

const TYPES = /** @type {const} */ (["text", "number", "email", "password", "tel", "url"]);

/** @param {Node} node @param {Stage} stage */
export function input(node, stage) {
  const { name, inputType, defaultValue, required, pattern, placeholder, disabled } = node;
  const canFill = Boolean(node.allowAutofillExtensions);
  return html`<div class=${fieldKinds(node)} ${styled(sizes(node))}>
    <input
      id=${fieldId(stage, words(name))}
      name=${words(name)}
      type=${oneOf(inputType, TYPES)}
      aria-label=${nameFor(node, stage)}
      placeholder=${words(placeholder)}
      pattern=${words(pattern) || nothing}
      step=${inputType === "number" ? "any" : nothing}
      ?required=${required}
      ?disabled=${disabled}
      data-1p-ignore=${canFill ? nothing : ""}
      data-lpignore=${canFill ? nothing : "true"}
      .defaultValue=${words(defaultValue)}
      ${mounted(focusing(node))}
    >
  </div>`;
}

/** @param {Node} node @param {Stage} stage */
export function textarea(node, stage) {
  const { name, defaultValue, required, placeholder, disabled } = node;
  const canFill = Boolean(node.allowAutofillExtensions);
  const rows = number(node.rows) ?? 3;
  const check = checker(node.pattern, stage);
  const begin = focusing(node);
  const declarations = kept({
    ...sizes(node),
    "--rows": String(rows),
    "--most-rows": String(number(node.maxRows) ?? ""),
  });
  return html`<div class="${fieldKinds(node)} w-field--area ${node.autoResize ? "w-field--grows" : ""}" ${styled(declarations)}>
    <textarea
      id=${fieldId(stage, words(name))}
      name=${words(name)}
      rows=${rows}
      aria-label=${nameFor(node, stage)}
      placeholder=${words(placeholder)}
      ?required=${required}
      ?disabled=${disabled}
      data-1p-ignore=${canFill ? nothing : ""}
      data-lpignore=${canFill ? nothing : "true"}
      .defaultValue=${words(defaultValue)}
      @input=${(/** @type {Event} */ { currentTarget }) => check(/** @type {HTMLTextAreaElement} */ (currentTarget))}
      ${mounted((element) => {
        check(/** @type {HTMLTextAreaElement} */ (element));
        begin(element);
      })}
    ></textarea>
  </div>`;
}

/** Text that is a field as well: it looks like text until somebody points at it.
 * @param {Node} node @param {Node} how @param {string} kind @param {Stage} stage */
export function editable(node, how, kind, stage) {
  const { name, autoComplete, placeholder, required } = how;
  const canFill = Boolean(how.allowAutofillExtensions);
  const check = checker(how.pattern, stage);
  const begin = focusing(how);
  return html`<textarea
    class="w-editable ${kind}"
    rows=${number(node.minLines) ?? 1}
    id=${fieldId(stage, words(name))}
    name=${words(name)}
    aria-label=${nameFor(how, stage)}
    placeholder=${words(placeholder)}
    autocomplete=${words(autoComplete) || nothing}
    ?required=${required}
    data-1p-ignore=${canFill ? nothing : ""}
    data-lpignore=${canFill ? nothing : "true"}
    .defaultValue=${words(node.value)}
    @input=${(/** @type {Event} */ { currentTarget }) => check(/** @type {HTMLTextAreaElement} */ (currentTarget))}
    ${mounted((element) => {
      check(/** @type {HTMLTextAreaElement} */ (element));
      begin(element);
    })}
  ></textarea>`;
}

/** Areas know no pattern, so it is checked here, in the browser's own way.
 * @param {unknown} pattern @param {Stage} stage */
function checker(pattern, { host }) {
  const rule = words(pattern) ? ruleOf(words(pattern)) : null;
  return (/** @type {HTMLTextAreaElement} */ field) => {
    const isWrong = rule && field.value && !rule.test(field.value);
    field.setCustomValidity(isWrong ? host.strings.wrongFormat : "");
  };
}

/** A pattern that is none counts as not given, as in HTML. @param {string} pattern */
function ruleOf(pattern) {
  try {
    return new RegExp(`^(?:${pattern})$`, "v");
  } catch {
    return null;
  }
}

/** @param {Node} node */
function sizes(node) {
  return kept({ "--high": sizeOf(node.size), "--gutter": gutterOf(node.gutterSize) });
}
