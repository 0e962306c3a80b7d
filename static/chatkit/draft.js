/**
 * A message that is being written: text in which some stretches are tags. No DOM.
 *
 * A tag stays a tag as long as its words are whole. Deleting into it takes it away, writing into it makes it text.
 * @import {Content} from "./types.js"
 */

/**
 * @typedef {{id: string, title: string, group?: string, icon?: string, interactive?: boolean, data?: Record<string, unknown>}} Named
 * @typedef {{start: number, end: number, entity: Named}} Tag
 * @typedef {{text: string, tags: readonly Tag[]}} Written
 */

/** @type {Written} */
export const NOTHING = { text: "", tags: [] };

/** How a tag stands in the text. @param {Named} entity */
export const tagText = ({ title }) => `@${title}`;

/** Take the text as a person has changed it.
 * @param {Written} before @param {string} text @param {number} caret where they are now
 * @returns {Written & {caret: number}} */
export function edited(before, text, caret) {
  const { start, end, length } = changeBetween(before.text, text, caret);
  const shift = start + length - end;
  const broken = before.tags.filter((tag) => tag.start < end && tag.end > start);
  const kept = before.tags.flatMap((tag) => {
    if (broken.includes(tag)) return [];
    const by = tag.start >= end ? shift : 0;
    return [{ ...tag, start: tag.start + by, end: tag.end + by }];
  });
  const cut = length === 0 && broken.find((tag) => tag.start < start || tag.end > end);
  if (!cut) return { text, tags: kept, caret };
  const rest = cut.end - cut.start - (Math.min(end, cut.end) - Math.max(start, cut.start));
  return without({ text, tags: kept }, Math.min(cut.start, start), Math.min(cut.start, start) + rest);
}

/** Put text, or a tag with a space after it, in the place of a stretch.
 * @param {Written} before @param {number} start @param {number} end @param {string | Named} what
 * @returns {Written & {caret: number}} */
export function inserted(before, start, end, what) {
  const isTag = typeof what !== "string";
  const words = isTag ? tagText(what) : what;
  const after = before.text.slice(end);
  const space = isTag && !/^\s/.test(after) ? " " : "";
  const gap = without(before, start, end);
  const tags = gap.tags.map((tag) => moved(tag, start, words.length + space.length));
  if (isTag) tags.push({ start, end: start + words.length, entity: what });
  return {
    text: gap.text.slice(0, start) + words + space + after,
    tags: tags.sort((one, other) => one.start - other.start),
    caret: start + words.length + (isTag ? 1 : 0),
  };
}

/** What is sent: text and tags, without the space around them.
 * @param {Written} written @returns {Content[]} */
export function toContent({ text, tags }) {
  /** @type {Content[]} */
  const parts = [];
  let taken = 0;
  for (const { start, end, entity } of tags) {
    parts.push({ type: "input_text", text: text.slice(taken, start) }, toTag(entity));
    taken = end;
  }
  parts.push({ type: "input_text", text: text.slice(taken) });
  const last = parts.length - 1;
  return parts
    .map((part, at) => {
      if (part.type !== "input_text") return part;
      const begun = at === 0 ? (part.text ?? "").trimStart() : (part.text ?? "");
      return { ...part, text: at === last ? begun.trimEnd() : begun };
    })
    .filter(({ type, text: words }) => type !== "input_text" || words);
}

/** @param {readonly Content[]} content @returns {Written} */
export function fromContent(content) {
  /** @type {Written} */
  let written = NOTHING;
  for (const part of content) {
    const { length } = written.text;
    if (part.type === "input_tag") {
      const { text = "", id = "", group, interactive, data } = part;
      const entity = {
        id,
        title: text,
        ...(group && { group }),
        ...(interactive && { interactive }),
        ...(data && { data }),
      };
      const words = tagText(entity);
      written = {
        text: written.text + words,
        tags: [...written.tags, { start: length, end: length + words.length, entity }],
      };
    } else written = { ...written, text: written.text + (part.text ?? "") };
  }
  return written;
}

/** What the person is asking for before the caret: an entity by `@`, a command by `/`.
 * @param {Written} written @param {number} caret
 * @returns {{kind: "@" | "/", query: string, start: number, end: number} | null} */
export function askedFor({ text, tags }, caret) {
  const hit = /(?:^|\s)([@/])([^\s@/]{0,60})$/.exec(text.slice(0, caret));
  if (!hit) return null;
  const [, kind = "", query = ""] = hit;
  const start = caret - query.length - 1;
  if (tags.some((tag) => tag.start <= start && tag.end > start)) return null;
  return { kind: kind === "@" ? "@" : "/", query, start, end: caret };
}

/** @param {Named} entity @returns {Content} */
function toTag({ id, title, group, interactive, data }) {
  return {
    type: "input_tag",
    id,
    text: title,
    data: data ?? {},
    ...(group && { group }),
    ...(interactive !== undefined && { interactive }),
  };
}

/** Where two texts differ; the caret tells which of several ways it was.
 * @param {string} old @param {string} text @param {number} caret */
function changeBetween(old, text, caret) {
  const most = Math.min(old.length, text.length);
  let tail = text.length - caret;
  if (tail > most || !old.endsWith(text.slice(caret))) {
    tail = 0;
    while (tail < most && old.at(-1 - tail) === text.at(-1 - tail)) tail += 1;
  }
  let start = 0;
  while (start < most - tail && old[start] === text[start]) start += 1;
  return { start, end: old.length - tail, length: text.length - tail - start };
}

/** @param {Written} written @param {number} start @param {number} end @returns {Written & {caret: number}} */
function without({ text, tags }, start, end) {
  return {
    text: text.slice(0, start) + text.slice(end),
    tags: tags.flatMap((tag) => {
      if (tag.start < end && tag.end > start) return [];
      return [moved(tag, end, start - end)];
    }),
    caret: start,
  };
}

/** @param {Tag} tag @param {number} from @param {number} by @returns {Tag} */
function moved(tag, from, by) {
  return tag.start >= from ? { ...tag, start: tag.start + by, end: tag.end + by } : tag;
}
