/**
 * Line drawings on a grid of 20.
 * @import {TemplateResult} from "lit/html.js"
 */

import { Directive, directive } from "lit/directive.js";
import { html, noChange, svg } from "lit/html.js";

/** @type {Record<string, TemplateResult<2>>} */
const DRAWINGS = {
  again: svg`<path d="M16 5v3.75h-3.75M15.7 8.6A6.25 6.25 0 1 0 16.2 11"/>`,
  alert: svg`<circle cx="10" cy="10" r="7"/><path d="M10 6.5v4M10 13.4v.1"/>`,
  at: svg`<circle cx="10" cy="10" r="2.75"/><path d="M12.75 7.25v3.5a1.9 1.9 0 0 0 3.75 0V10a6.5 6.5 0 1 0-2.75 5.3"/>`,
  bad: svg`<path d="M14 11V3.5h2.5V11ZM14 11l-3 6c-1.3 0-2.1-.9-1.9-2.2l.4-2.3H5.3c-1.2 0-2-1-1.7-2.2l1.2-5.2c.2-.9 1-1.6 2-1.6H14"/>`,
  bag: svg`<rect x="4" y="6.5" width="12" height="10" rx="2"/><path d="M7.5 6.5V4.75a1.25 1.25 0 0 1 1.25-1.25h2.5a1.25 1.25 0 0 1 1.25 1.25V6.5M7.5 9.5v4M12.5 9.5v4"/>`,
  bin: svg`<path d="M4 5.5h12M8 5.5V4a1 1 0 0 1 1-1h2a1 1 0 0 1 1 1v1.5M5.5 5.5 6.2 15a2 2 0 0 0 2 1.9h3.6a2 2 0 0 0 2-1.9l.7-9.5M8.5 9v4.5M11.5 9v4.5"/>`,
  chat: svg`<path d="M3.5 6A2.5 2.5 0 0 1 6 3.5h8A2.5 2.5 0 0 1 16.5 6v5.5A2.5 2.5 0 0 1 14 14H9l-4 3v-3.2a2.5 2.5 0 0 1-1.5-2.3Z"/>`,
  check: svg`<path d="m4.5 10.5 3.5 3.5 7.5-8"/>`,
  chevron: svg`<path d="m5.5 8 4.5 4.5L14.5 8"/>`,
  clip: svg`<path d="m15.5 9.5-5.3 5.3a3.2 3.2 0 0 1-4.5-4.5l5.6-5.6a2.1 2.1 0 0 1 3 3l-5.5 5.5a1.05 1.05 0 0 1-1.5-1.5l4.8-4.8"/>`,
  clock: svg`<circle cx="10" cy="10" r="7"/><path d="M10 6v4.25l2.5 1.5"/>`,
  copy: svg`<rect x="7" y="7" width="9.5" height="9.5" rx="2"/><path d="M13 7V5.5a2 2 0 0 0-2-2H5.5a2 2 0 0 0-2 2V11a2 2 0 0 0 2 2H7"/>`,
  down: svg`<path d="M10 4v11.5M5 10.5l5 5 5-5"/>`,
  file: svg`<path d="M5 4.5a2 2 0 0 1 2-2h4L15.5 7v8.5a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2ZM11 2.5V7h4.5"/>`,
  globe: svg`<circle cx="10" cy="10" r="7"/><path d="M3 10h14M10 3c2.2 2 3.25 4.4 3.25 7S12.2 15 10 17c-2.2-2-3.25-4.4-3.25-7S7.8 5 10 3Z"/>`,
  good: svg`<path d="M6 9v7.5H3.5V9ZM6 9l3-6c1.3 0 2.1.9 1.9 2.2L10.5 7.5h4.2c1.2 0 2 1 1.7 2.2l-1.2 5.2c-.2.9-1 1.6-2 1.6H6"/>`,
  image: svg`<rect x="3.25" y="4" width="13.5" height="12" rx="2"/><circle cx="7.25" cy="8" r="1.25"/><path d="m3.5 14 3.5-3.25 2.5 2.25 3-3.25L16.5 13.5"/>`,
  info: svg`<circle cx="10" cy="10" r="7"/><path d="M10 9.5v4M10 6.6v.1"/>`,
  link: svg`<path d="M8.5 11.5a3 3 0 0 0 4.3 0l2.3-2.3a3.04 3.04 0 0 0-4.3-4.3l-1 1M11.5 8.5a3 3 0 0 0-4.3 0l-2.3 2.3a3.04 3.04 0 0 0 4.3 4.3l1-1"/>`,
  lock: svg`<rect x="4.5" y="9" width="11" height="8" rx="2"/><path d="M7 9V6.5a3 3 0 0 1 6 0V9"/>`,
  menu: svg`<path d="M3.5 6h13M3.5 10h13M3.5 14h8"/>`,
  mic: svg`<rect x="7.5" y="2.75" width="5" height="8.5" rx="2.5"/><path d="M4.75 9.25a5.25 5.25 0 0 0 10.5 0M10 14.5v2.75"/>`,
  more: svg`<g fill="currentColor" stroke="none"><circle cx="4.5" cy="10" r="1.4"/><circle cx="10" cy="10" r="1.4"/><circle cx="15.5" cy="10" r="1.4"/></g>`,
  offline: svg`<path d="M3 3l14 14M6.8 11.3a5 5 0 0 1 2.6-1.25M13.2 11.3l-.6-.5M4 8.5a9 9 0 0 1 2.9-1.9M16 8.5a9 9 0 0 0-6.4-2.48M9.95 15h.1"/>`,
  pen: svg`<path d="m4 16 .8-3.6L13.2 4a1.4 1.4 0 0 1 2 0l.8.8a1.4 1.4 0 0 1 0 2L7.6 15.2ZM12 5.2 14.8 8"/>`,
  plus: svg`<path d="M10 4v12M4 10h12"/>`,
  quote: svg`<path d="M8.5 6H5.75A1.75 1.75 0 0 0 4 7.75V10h3a1.5 1.5 0 0 1 1.5 1.5V12A2.5 2.5 0 0 1 6 14.5M16.5 6h-2.75A1.75 1.75 0 0 0 12 7.75V10h3a1.5 1.5 0 0 1 1.5 1.5V12a2.5 2.5 0 0 1-2.5 2.5"/>`,
  search: svg`<circle cx="9" cy="9" r="5.5"/><path d="m13 13 3.5 3.5"/>`,
  seat: svg`<path d="M6 3.5 7.2 11H13a1.75 1.75 0 0 1 0 3.5H6.5A2 2 0 0 1 4.5 13L3.5 6M9.5 14.5v2.5M13 14.5v2.5"/>`,
  sliders: svg`<path d="M3.5 6.5h6M14 6.5h2.5M3.5 13.5H6M10.5 13.5h6"/><circle cx="11.75" cy="6.5" r="2"/><circle cx="8.25" cy="13.5" r="2"/>`,
  stop: svg`<rect x="5" y="5" width="10" height="10" rx="2"/>`,
  swap: svg`<path d="M4 7h11l-3-3M16 13H5l3 3"/>`,
  ticket: svg`<path d="M2.75 6.5a1.5 1.5 0 0 1 1.5-1.5h11.5a1.5 1.5 0 0 1 1.5 1.5v1.75a1.75 1.75 0 0 0 0 3.5v1.75a1.5 1.5 0 0 1-1.5 1.5H4.25a1.5 1.5 0 0 1-1.5-1.5v-1.75a1.75 1.75 0 0 0 0-3.5ZM12 5v1.5M12 9.25v1.5M12 13.5V15"/>`,
  up: svg`<path d="M10 16V4.5M5 9.5l5-5 5 5"/>`,
  user: svg`<circle cx="10" cy="6.75" r="3.25"/><path d="M3.75 16.75c.7-3 3.1-4.5 6.25-4.5s5.55 1.5 6.25 4.5"/>`,
  x: svg`<path d="m5.5 5.5 9 9M14.5 5.5l-9 9"/>`,
};

/** ChatKit's and the example's names for what we draw. @type {Record<string, string>} */
const ALIASES = {
  "lucide:arrow-left-right": "swap",
  "lucide:armchair": "seat",
  "lucide:luggage": "bag",
  "lucide:message-square": "chat",
  "lucide:ticket": "ticket",
  "back-small": "chevron-left",
  "chat-temporary": "chat",
  close: "x",
  "home-alt": "home",
  "sidebar-open-left-alt": "sidebar-open-left",
  "sidebar-open-right-alt": "sidebar-open-right",
  compose: "plus",
  document: "file",
  "dots-horizontal": "more",
  hamburger: "menu",
  history: "clock",
  reload: "again",
  write: "pen",
};

/** What drawings.js adds when one of them is first asked for. @type {(name: string) => TemplateResult<2> | undefined} */
let more = () => undefined;

/** @param {(name: string) => TemplateResult<2> | undefined} find */
export function learn(find) {
  more = find;
}

/** Draw an icon. Those that the element itself doesn't need are fetched with the first of them; a name without a
 * drawing takes no room.
 * @param {string} name @param {"" | "16" | "fill"} [size] */
export function icon(name, size = "") {
  const classes = { "": "icon", 16: "icon icon--16", fill: "icon icon--16 icon--fill" }[size];
  const drawing = drawingOf(name);
  return drawing
    ? html`<svg class=${classes} viewBox="0 0 20 20" aria-hidden="true">${drawing}</svg>`
    : html`<svg class=${classes} viewBox="0 0 20 20" aria-hidden="true" ${later(name)}></svg>`;
}

const later = directive(
  class extends Directive {
    name = "";

    /** @param {string} _name */
    render(_name) {
      return noChange;
    }

    /** @param {import("lit/directive.js").ElementPart} part @param {[string]} names @override */
    update({ element }, [name]) {
      if (name !== this.name) import("./drawings.js").then(({ draw }) => draw(element, name));
      this.name = name;
      return noChange;
    }
  },
);

/** @param {string} name @returns {TemplateResult<2> | undefined} */
export function drawingOf(name) {
  const asked = own(ALIASES, name) ?? name;
  return own(DRAWINGS, asked) ?? more(asked);
}

/** A name from a server may be that of something every object has.
 * @template T @param {Record<string, T>} record @param {string} name */
export function own(record, name) {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
