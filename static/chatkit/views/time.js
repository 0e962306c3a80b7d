/** When something was said. */

import { html, nothing } from "lit/html.js";

/** @param {string} stamp @param {string} language */
export function time(stamp, language) {
  const date = new Date(stamp);
  if (Number.isNaN(date.getTime())) return nothing;
  const isToday = date.toDateString() === new Date().toDateString();
  return html`<time datetime=${stamp}>${timeFormat(language, isToday).format(date)}</time>`;
}

/** Formats are costly to make and the same for all. @type {Map<string, Intl.DateTimeFormat>} */
const timeFormats = new Map();

/** @param {string} language @param {boolean} isToday */
function timeFormat(language, isToday) {
  const key = `${language} ${isToday}`;
  const known = timeFormats.get(key);
  if (known) return known;
  /** @type {Intl.DateTimeFormatOptions} */
  const day = isToday ? {} : { day: "numeric", month: "short" };
  const format = new Intl.DateTimeFormat(language, { ...day, hour: "numeric", minute: "2-digit" });
  timeFormats.set(key, format);
  return format;
}
