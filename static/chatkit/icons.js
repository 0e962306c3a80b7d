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
  at: svg`<circle cx="10" cy="10" r="2.750"/><path d="M12.750 7.250v3.500a1.900 1.900 0 0 0 3.750 0V10a6.500 6.500 0 1 0-2.750 5.300"/>`,
  bad: svg`<path d="M14 11V3.5h2.5V11ZM14 11l-3 6c-1.3 0-2.1-.9-1.9-2.2l.4-2.3H5.3c-1.2 0-2-1-1.7-2.2l1.2-5.2c.2-.9 1-1.6 2-1.6H14"/>`,
  bag: svg`<rect x="4" y="6.5" width="12" height="10" rx="2"/><path d="M7.5 6.5V4.75a1.25 1.25 0 0 1 1.25-1.25h2.5a1.25 1.25 0 0 1 1.25 1.25V6.5M7.5 9.5v4M12.5 9.5v4"/>`,
  bin: svg`<path d="M4 5.5h12M8 5.5V4a1 1 0 0 1 1-1h2a1 1 0 0 1 1 1v1.5M5.5 5.5 6.2 15a2 2 0 0 0 2 1.9h3.6a2 2 0 0 0 2-1.9l.7-9.5M8.5 9v4.500M11.500 9v4.500"/>`,
  chat: svg`<path d="M3.5 6A2.5 2.5 0 0 1 6 3.5h8A2.5 2.5 0 0 1 16.5 6v5.5A2.5 2.5 0 0 1 14 14H9l-4 3v-3.2a2.5 2.5 0 0 1-1.5-2.3Z"/>`,
  check: svg`<path d="m4.5 10.5 3.5 3.5 7.5-8"/>`,
  chevron: svg`<path d="m5.500 8 4.500 4.500L14.500 8"/>`,
  clip: svg`<path d="m15.500 9.500-5.300 5.300a3.200 3.200 0 0 1-4.500-4.500l5.600-5.600a2.100 2.100 0 0 1 3 3l-5.500 5.500a1.050 1.050 0 0 1-1.500-1.500l4.800-4.800"/>`,
  clock: svg`<circle cx="10" cy="10" r="7"/><path d="M10 6v4.25l2.5 1.5"/>`,
  copy: svg`<rect x="7" y="7" width="9.5" height="9.5" rx="2"/><path d="M13 7V5.5a2 2 0 0 0-2-2H5.5a2 2 0 0 0-2 2V11a2 2 0 0 0 2 2H7"/>`,
  down: svg`<path d="M10 4v11.500M5 10.500l5 5 5-5"/>`,
  file: svg`<path d="M5 4.5a2 2 0 0 1 2-2h4L15.5 7v8.500a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2ZM11 2.500V7h4.500"/>`,
  globe: svg`<circle cx="10" cy="10" r="7"/><path d="M3 10h14M10 3c2.200 2 3.250 4.400 3.250 7S12.200 15 10 17c-2.200-2-3.250-4.400-3.250-7S7.800 5 10 3Z"/>`,
  good: svg`<path d="M6 9v7.500H3.500V9ZM6 9l3-6c1.300 0 2.100.9 1.900 2.200L10.500 7.500h4.200c1.200 0 2 1 1.700 2.200l-1.200 5.200c-.2.9-1 1.600-2 1.600H6"/>`,
  image: svg`<rect x="3.250" y="4" width="13.500" height="12" rx="2"/><circle cx="7.250" cy="8" r="1.250"/><path d="m3.500 14 3.500-3.250 2.500 2.250 3-3.250L16.500 13.500"/>`,
  info: svg`<circle cx="10" cy="10" r="7"/><path d="M10 9.500v4M10 6.600v.1"/>`,
  link: svg`<path d="M8.500 11.500a3 3 0 0 0 4.300 0l2.300-2.300a3.040 3.040 0 0 0-4.300-4.300l-1 1M11.500 8.500a3 3 0 0 0-4.300 0l-2.300 2.300a3.040 3.040 0 0 0 4.300 4.300l1-1"/>`,
  lock: svg`<rect x="4.500" y="9" width="11" height="8" rx="2"/><path d="M7 9V6.500a3 3 0 0 1 6 0V9"/>`,
  menu: svg`<path d="M3.500 6h13M3.500 10h13M3.500 14h8"/>`,
  mic: svg`<rect x="7.500" y="2.750" width="5" height="8.500" rx="2.500"/><path d="M4.750 9.250a5.250 5.250 0 0 0 10.500 0M10 14.500v2.750"/>`,
  more: svg`<g fill="currentColor" stroke="none"><circle cx="4.500" cy="10" r="1.400"/><circle cx="10" cy="10" r="1.400"/><circle cx="15.500" cy="10" r="1.400"/></g>`,
  offline: svg`<path d="M3 3l14 14M6.800 11.300a5 5 0 0 1 2.600-1.250M13.200 11.300l-.6-.5M4 8.500a9 9 0 0 1 2.900-1.900M16 8.500a9 9 0 0 0-6.400-2.480M9.950 15h.1"/>`,
  pen: svg`<path d="m4 16 .8-3.600L13.200 4a1.400 1.400 0 0 1 2 0l.8.8a1.400 1.400 0 0 1 0 2L7.600 15.200ZM12 5.200 14.800 8"/>`,
  plus: svg`<path d="M10 4v12M4 10h12"/>`,
  quote: svg`<path d="M8.500 6H5.750A1.750 1.750 0 0 0 4 7.750V10h3a1.500 1.500 0 0 1 1.500 1.500V12A2.500 2.500 0 0 1 6 14.500M16.500 6h-2.750A1.750 1.750 0 0 0 12 7.750V10h3a1.500 1.500 0 0 1 1.500 1.500V12a2.500 2.500 0 0 1-2.500 2.500"/>`,
  search: svg`<circle cx="9" cy="9" r="5.500"/><path d="m13 13 3.500 3.500"/>`,
  seat: svg`<path d="M6 3.500 7.200 11H13a1.750 1.750 0 0 1 0 3.500H6.500A2 2 0 0 1 4.500 13L3.500 6M9.500 14.500v2.500M13 14.500v2.500"/>`,
  sliders: svg`<path d="M3.500 6.500h6M14 6.500h2.500M3.500 13.500H6M10.500 13.500h6"/><circle cx="11.750" cy="6.500" r="2"/><circle cx="8.250" cy="13.500" r="2"/>`,
  stop: svg`<rect x="5" y="5" width="10" height="10" rx="2"/>`,
  swap: svg`<path d="M4 7h11l-3-3M16 13H5l3 3"/>`,
  ticket: svg`<path d="M2.750 6.500a1.500 1.500 0 0 1 1.500-1.500h11.500a1.500 1.500 0 0 1 1.500 1.500v1.750a1.750 1.750 0 0 0 0 3.500v1.750a1.500 1.500 0 0 1-1.500 1.500H4.250a1.500 1.500 0 0 1-1.500-1.500v-1.750a1.750 1.750 0 0 0 0-3.500ZM12 5v1.500M12 9.250v1.500M12 13.500V15"/>`,
  up: svg`<path d="M10 16V4.500M5 9.500l5-5 5 5"/>`,
  user: svg`<circle cx="10" cy="6.750" r="3.250"/><path d="M3.750 16.750c.7-3 3.100-4.500 6.250-4.500s5.550 1.500 6.250 4.500"/>`,
  x: svg`<path d="m5.500 5.500 9 9M14.500 5.500l-9 9"/>`,
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
