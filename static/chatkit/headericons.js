/**
 * What a page's own buttons in the header may show, by ChatKit's names; icons.js draws those that others use too.
 * @import {TemplateResult} from "lit/html.js"
 */

import { svg } from "lit/html.js";

/** @type {Record<string, TemplateResult<2>>} */
export const HEADER_GLYPHS = {
  "back-large": svg`<path d="M16.500 10h-13M8.500 5l-5 5 5 5"/>`,
  "collapse-large": svg`<path d="M16 8.500h-4.500V4M11.500 8.500 17 3M4 11.500h4.500V16M8.500 11.500 3 17"/>`,
  "collapse-left": svg`<path d="M3.500 4v12M16.500 10H7M10.500 6.500 7 10l3.500 3.500"/>`,
  "collapse-right": svg`<path d="M16.500 4v12M3.500 10H13M9.500 6.500 13 10l-3.500 3.500"/>`,
  "collapse-small": svg`<path d="M14.500 9H11V5.500M11 9l4-4M5.500 11H9v3.500M9 11l-4 4"/>`,
  "dark-mode": svg`<path d="M16.500 11.750A6.750 6.750 0 1 1 8.250 3.500a5.400 5.400 0 0 0 8.250 8.250Z"/>`,
  "dots-horizontal-circle": svg`<circle cx="10" cy="10" r="7"/><g fill="currentColor" stroke="none"><circle cx="6.750" cy="10" r="1"/><circle cx="10" cy="10" r="1"/><circle cx="13.250" cy="10" r="1"/></g>`,
  "dots-vertical-circle": svg`<circle cx="10" cy="10" r="7"/><g fill="currentColor" stroke="none"><circle cx="10" cy="6.750" r="1"/><circle cx="10" cy="10" r="1"/><circle cx="10" cy="13.250" r="1"/></g>`,
  "double-chevron-left": svg`<path d="M9.500 5 4.500 10l5 5M15.500 5l-5 5 5 5"/>`,
  "double-chevron-right": svg`<path d="M10.500 5l5 5-5 5M4.500 5l5 5-5 5"/>`,
  "expand-large": svg`<path d="M12 3.500h4.500V8M16.500 3.500 11 9M8 16.500H3.500V12M3.500 16.500 9 11"/>`,
  "expand-small": svg`<path d="M11.500 5H15v3.500M15 5l-4 4M8.500 15H5v-3.500M5 15l4-4"/>`,
  grid: svg`<path d="M4 4h4.500v4.500H4ZM11.500 4H16v4.500h-4.500ZM4 11.500h4.500V16H4ZM11.500 11.500H16V16h-4.500Z"/>`,
  home: svg`<path d="M3 9.500 10 3.500l7 6M5 8v8.500h10V8M8.250 16.500V12h3.500v4.500"/>`,
  "light-mode": svg`<circle cx="10" cy="10" r="3.250"/><path d="M10 2.750v1.500M10 15.750v1.500M2.750 10h1.500M15.750 10h1.500M4.900 4.900l1 1M14.100 14.100l1 1M4.900 15.100l1-1M14.100 5.900l1-1"/>`,
  "menu-inverted": svg`<path d="M3.500 6h13M3.500 10h13M8.500 14h8"/>`,
  "open-left": svg`<path d="M3.500 4v12M7 10h9.500M13 6.500l3.500 3.500-3.500 3.500"/>`,
  "open-right": svg`<path d="M16.500 4v12M13 10H3.500M7 6.500 3.500 10 7 13.500"/>`,
  "settings-cog": svg`<circle cx="10" cy="10" r="2.250"/><path d="M8.74 4.85L8.8 3L11.2 3L11.26 4.85L12.75 5.47L14.1 4.2L15.8 5.9L14.53 7.25L15.15 8.74L17 8.8L17 11.2L15.15 11.26L14.53 12.75L15.8 14.1L14.1 15.8L12.75 14.53L11.26 15.15L11.2 17L8.8 17L8.74 15.15L7.25 14.53L5.9 15.8L4.2 14.1L5.47 12.75L4.85 11.26L3 11.2L3 8.8L4.85 8.74L5.47 7.25L4.2 5.9L5.9 4.2L7.25 5.47Z"/>`,
  share: svg`<path d="M10 12.500v-9M6.500 6.500 10 3.500l3.500 3M4.500 10.500V15A1.500 1.500 0 0 0 6 16.500h8a1.500 1.500 0 0 0 1.500-1.500v-4.500"/>`,
  "sidebar-collapse-left": svg`<rect x="3" y="4" width="14" height="12" rx="2.500"/><path d="M7.500 4v12"/><path d="M12.750 7.750 10.500 10l2.250 2.250"/>`,
  "sidebar-collapse-right": svg`<rect x="3" y="4" width="14" height="12" rx="2.500"/><path d="M12.500 4v12"/><path d="m7.250 7.750 2.250 2.250-2.250 2.250"/>`,
  "sidebar-floating-left": svg`<rect x="3" y="4" width="14" height="12" rx="2.500"/><rect x="5.500" y="6.500" width="3.250" height="7" rx="1"/>`,
  "sidebar-floating-open-left": svg`<rect x="3" y="4" width="14" height="12" rx="2.500"/><rect x="5.500" y="6.500" width="3.250" height="7" rx="1" fill="currentColor"/>`,
  "sidebar-floating-open-right": svg`<rect x="3" y="4" width="14" height="12" rx="2.500"/><rect x="11.250" y="6.500" width="3.250" height="7" rx="1" fill="currentColor"/>`,
  "sidebar-floating-right": svg`<rect x="3" y="4" width="14" height="12" rx="2.500"/><rect x="11.250" y="6.500" width="3.250" height="7" rx="1"/>`,
  "sidebar-left": svg`<rect x="3" y="4" width="14" height="12" rx="2.500"/><path d="M7.500 4v12"/>`,
  "sidebar-open-left": svg`<rect x="3" y="4" width="14" height="12" rx="2.500"/><path d="M7.500 4v12"/><path d="m10.500 7.750 2.250 2.250-2.250 2.250"/>`,
  "sidebar-open-right": svg`<rect x="3" y="4" width="14" height="12" rx="2.500"/><path d="M12.500 4v12"/><path d="M9.500 7.750 7.250 10l2.250 2.250"/>`,
  "sidebar-right": svg`<rect x="3" y="4" width="14" height="12" rx="2.500"/><path d="M12.500 4v12"/>`,
};
