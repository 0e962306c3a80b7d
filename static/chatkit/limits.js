/**
 * Which files may be attached. No DOM.
 * @import {Options} from "./types.js"
 */

const DEFAULT_MAX_SIZE = 100 * 1024 * 1024;
const DEFAULT_MAX_COUNT = 10;

/** @typedef {NonNullable<NonNullable<Options["composer"]>["attachments"]>} Limits */
/** @typedef {{name: string, size: number, type: string}} Chosen */
/** @typedef {{reason: "count" | "type" | "size" | "empty", file: Chosen, limit: number}} Refusal */

/** Sort files into those that may be attached and those that may not.
 * @template {Chosen} T
 * @param {readonly T[]} files @param {Partial<Limits>} limits @param {number} attached how many there are already
 * @returns {{taken: T[], refused: Refusal[]}} */
export function sortFiles(files, { maxCount = DEFAULT_MAX_COUNT, maxSize, accept }, attached) {
  /** @type {T[]} */
  const taken = [];
  /** @type {Refusal[]} */
  const refused = [];
  for (const file of files) {
    const largest = largestSize(file, maxSize);
    if (!isAccepted(file, accept)) refused.push({ reason: "type", file, limit: 0 });
    else if (file.size > largest) refused.push({ reason: "size", file, limit: largest });
    else if (file.size === 0) refused.push({ reason: "empty", file, limit: 0 });
    else if (attached + taken.length >= maxCount) refused.push({ reason: "count", file, limit: maxCount });
    else taken.push(file);
  }
  return { taken, refused };
}

/** For the file dialogue: types and endings.
 * @param {Limits["accept"]} accept */
export function acceptText(accept) {
  return Object.entries(accept ?? {})
    .flatMap(([type, endings]) => [type, ...endings])
    .join(",");
}

/** The endings that are accepted, in words: PNG, PDF.
 * @param {Limits["accept"]} accept @returns {string[]} */
export function acceptedKinds(accept) {
  const names = Object.entries(accept ?? {}).flatMap(([type, endings]) =>
    endings.length ? endings.map((ending) => ending.replace(/^\./, "")) : [type.replace("/*", "")],
  );
  return [...new Set(names.map((name) => name.toUpperCase()))];
}

/** @param {Chosen} file @param {Limits["accept"]} accept */
function isAccepted({ name, type }, accept) {
  const rules = Object.entries(accept ?? {});
  if (!rules.length) return true;
  const lower = name.toLowerCase();
  return rules.some(
    ([pattern, endings]) =>
      matches(type, pattern) || endings.some((ending) => lower.endsWith(ending.toLowerCase())),
  );
}

/** The closest pattern counts: the type itself, its family, then what holds for all.
 * @param {Chosen} file @param {Limits["maxSize"]} maxSize */
function largestSize({ type }, maxSize = DEFAULT_MAX_SIZE) {
  if (typeof maxSize === "number") return maxSize;
  const family = `${type.split("/")[0]}/*`;
  return (
    maxSize[type] ?? maxSize[family] ?? maxSize["*/*"] ?? maxSize["*"] ?? maxSize[""] ?? DEFAULT_MAX_SIZE
  );
}

/** @param {string} type @param {string} pattern */
function matches(type, pattern) {
  if (pattern === "*" || pattern === "*/*") return true;
  return pattern.endsWith("/*") ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}
