/** Days and months of a calendar, written as ISO dates. No DOM, no time zones. */

/** @typedef {{date: string, day: number, isInMonth: boolean, isOut: boolean}} Day */

const DAY_MS = 86_400_000;

/** The date of an ISO date or time, or nothing.
 * @param {unknown} value @returns {string} */
export function dateOf(value) {
  const [date = ""] = (typeof value === "string" && /^\d{4}-\d{2}-\d{2}(?![\d])/.exec(value)) || [];
  return date && !Number.isNaN(Date.parse(date)) ? date : "";
}

/** @param {string} date @param {number} days */
export function plusDays(date, days) {
  return iso(Date.parse(date) + days * DAY_MS);
}

/** The same day of another month, or its last. @param {string} date @param {number} months */
export function plusMonths(date, months) {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return iso(Date.UTC(year, month - 1 + months, Math.min(day, last)));
}

/** The nearest date that may be chosen. @param {string} date @param {string} min @param {string} max */
export function clamped(date, min, max) {
  if (min && date < min) return min;
  return max && date > max ? max : date;
}

/** The weeks of a date's month, whole, each from its first day.
 * @param {string} date @param {number} firstDay 1 is Monday, 7 Sunday @param {string} min @param {string} max
 * @returns {Day[][]} */
export function weeks(date, firstDay, min, max) {
  const month = date.slice(0, 7);
  const first = `${month}-01`;
  const weekday = new Date(Date.parse(first)).getUTCDay() || 7;
  let day = plusDays(first, -((weekday - firstDay + 7) % 7));
  /** @type {Day[][]} */
  const rows = [];
  while (rows.length < 4 || day.slice(0, 7) === month) {
    const row = Array.from({ length: 7 }, (_, at) => plusDays(day, at));
    rows.push(
      row.map((one) => ({
        date: one,
        day: Number(one.slice(8)),
        isInMonth: one.slice(0, 7) === month,
        isOut: clamped(one, min, max) !== one,
      })),
    );
    day = plusDays(day, 7);
  }
  return rows;
}

/** Where a key of the keyboard leads from a date, as calendars do; null is nowhere.
 * @param {string} date @param {{key: string, shiftKey?: boolean}} press @param {number} firstDay @param {boolean} isMirrored
 * @returns {string | null} */
export function walked(date, { key, shiftKey = false }, firstDay, isMirrored) {
  const ahead = isMirrored ? -1 : 1;
  const weekday = ((new Date(Date.parse(date)).getUTCDay() || 7) - firstDay + 7) % 7;
  switch (key) {
    case "ArrowLeft":
      return plusDays(date, -ahead);
    case "ArrowRight":
      return plusDays(date, ahead);
    case "ArrowUp":
      return plusDays(date, -7);
    case "ArrowDown":
      return plusDays(date, 7);
    case "Home":
      return plusDays(date, -weekday);
    case "End":
      return plusDays(date, 6 - weekday);
    case "PageUp":
      return plusMonths(date, shiftKey ? -12 : -1);
    case "PageDown":
      return plusMonths(date, shiftKey ? 12 : 1);
    default:
      return null;
  }
}

/** The day on which weeks begin, where the browser knows. @param {string} language */
export function firstDayOf(language) {
  const locale =
    /** @type {Intl.Locale & {getWeekInfo?: () => {firstDay: number}, weekInfo?: {firstDay: number}}} */ (
      new Intl.Locale(language)
    );
  return locale.getWeekInfo?.().firstDay ?? locale.weekInfo?.firstDay ?? 1;
}

/** @param {number} time */
function iso(time) {
  return new Date(time).toISOString().slice(0, 10);
}
