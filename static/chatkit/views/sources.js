/**
 * What an answer rests on: pages, files, and things that the site knows by their id.
 * @import {Annotation, Content, Source} from "../types.js"
 * @import {Model} from "./model.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";
import { entityButton, isLively } from "./preview.js";

/** Each source once, in the order of its first mention.
 * @param {readonly Content[]} parts @returns {Source[]} */
export function sourcesOf(parts) {
  /** @type {Map<string, Source>} */
  const found = new Map();
  for (const { source } of parts.flatMap(annotationsOf)) {
    const key = keyOf(source);
    if (!found.has(key)) found.set(key, source);
  }
  return [...found.values()];
}

/** @param {Content} part @returns {Annotation[]} */
export function annotationsOf({ annotations }) {
  return (annotations ?? []).filter((note) => note?.source && nameOf(note.source));
}

/** @param {Source} source */
export function keyOf({ type, url, id, filename, title }) {
  return JSON.stringify([type, url ?? id ?? filename ?? title]);
}

/** @param {Source[]} sources @param {Model} model */
export function sourceList(sources, model) {
  const { strings } = model;
  if (!sources.length) return nothing;
  return html`<div class="sources" role="group" aria-label=${strings.sources}>
    <span class="quiet">${strings.sources}</span>
    ${sources.map((source, at) => sourceChip(source, html`<span class="cite">${at + 1}</span>`, model))}
  </div>`;
}

/** @param {Source} source @param {unknown} mark what stands before its name @param {Model} model */
export function sourceChip(source, mark, model) {
  const about = [source.attribution, source.description, source.timestamp].filter(Boolean).join(", ");
  const content = html`${mark}<span class="cut">${nameOf(source)}</span>`;
  if (isWebAddress(source.url)) {
    return html`<a class="source" href=${source.url} title=${about || nothing} target="_blank" rel="noopener noreferrer">${content}</a>`;
  }
  if (source.type === "entity" && isLively(source, model)) {
    return entityButton(entityOf(source), { kind: "source", about }, content, model);
  }
  return html`<span class="source" title=${about || nothing}>${content}</span>`;
}

/** The page's own word for what a source or a tag names.
 * @param {{id?: string, title?: string, icon?: string | null, group?: string | null, interactive?: boolean,
 *   data?: Record<string, unknown>}} named */
export function entityOf({ id = "", title = "", icon: drawing, group, interactive, data }) {
  return {
    id,
    title,
    ...(drawing && { icon: drawing }),
    ...(group && { group }),
    ...(interactive !== undefined && { interactive }),
    data: /** @type {Record<string, string>} */ (data ?? {}),
  };
}

/** Tell whether an address is safe to open. @param {string | null | undefined} url @returns {url is string} */
export function isWebAddress(url) {
  return Boolean(url && /^https?:/i.test(url));
}

/** @param {Source} source */
export function nameOf({ title, label, filename, url }) {
  return title || label || filename || url || "";
}

/** @param {Source} source */
export function sourceIcon({ type, icon: drawing }) {
  return (drawing && icon(drawing, "16")) || icon(type === "file" ? "file" : "link", "16");
}
