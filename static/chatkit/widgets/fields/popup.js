/** Where a list or a calendar opens: beside its field, inside the window. */

import { putAt } from "../../views/menu.js";

const GAP = 4;
const EDGE = 8;

/** @typedef {"top" | "bottom" | "left" | "right"} Side */

/** Open a popup at its field.
 * @param {HTMLElement} popup @param {Element} field @param {{side?: Side, align?: "start" | "center" | "end"}} [where] */
export function openAt(popup, field, { side = "bottom", align = "start" } = {}) {
  if (!popup.matches(":popover-open")) popup.showPopover();
  const at = field.getBoundingClientRect();
  const { width, height } = popup.getBoundingClientRect();
  const isMirrored = getComputedStyle(field).direction === "rtl";
  const place = { field: at, width, height, window: { width: innerWidth, height: innerHeight } };
  const { left, top } = placed(place, side, align, isMirrored);
  putAt(popup, left, top);
}

/** The place on the side that is asked for, or on the other where there is no room.
 * @param {{field: {left: number, right: number, top: number, bottom: number}, width: number, height: number,
 *   window: {width: number, height: number}}} place
 * @param {Side} side @param {"start" | "center" | "end"} align @param {boolean} isMirrored */
export function placed({ field, width, height, window }, side, align, isMirrored) {
  const isBeside = side === "left" || side === "right";
  const room = {
    bottom: window.height - field.bottom - GAP - EDGE >= height,
    top: field.top - GAP - EDGE >= height,
    left: field.left - GAP - EDGE >= width,
    right: window.width - field.right - GAP - EDGE >= width,
  };
  const opposite = /** @type {const} */ ({ top: "bottom", bottom: "top", left: "right", right: "left" })[
    side
  ];
  const taken = room[side] || !room[opposite] ? side : opposite;
  const across = isBeside
    ? aligned(field.top, field.bottom, height, align)
    : aligned(field.left, field.right, width, isMirrored ? mirrored(align) : align);
  const along = {
    bottom: field.bottom + GAP,
    top: field.top - GAP - height,
    left: field.left - GAP - width,
    right: field.right + GAP,
  }[taken];
  return {
    left: within(isBeside ? along : across, width, window.width),
    top: within(isBeside ? across : along, height, window.height),
  };
}

/** @param {number} from @param {number} to @param {number} size @param {"start" | "center" | "end"} align */
function aligned(from, to, size, align) {
  return { start: from, center: (from + to - size) / 2, end: to - size }[align];
}

/** @param {"start" | "center" | "end"} align */
function mirrored(align) {
  return /** @type {const} */ ({ start: "end", center: "center", end: "start" })[align];
}

/** @param {number} at @param {number} size @param {number} available */
function within(at, size, available) {
  return Math.max(EDGE, Math.min(at, available - size - EDGE));
}
