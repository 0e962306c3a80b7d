/**
 * What is known of one thread, and how each event changes it. No DOM, no requests.
 *
 * An item keeps the place where it was first seen. `added` starts an item afresh, so a log that is read again
 * from before an item gives the same text, never twice the text.
 * @import {Content, Item, ItemUpdate, Page, Task, Thread, ThreadEvent, ThreadWithItems} from "./types.js"
 */

import { soundEvent, soundItem, soundThread } from "./sound.js";
import { appendText, replaceComponent, replaceRoot } from "./widgets/updates.js";

/**
 * @typedef {{code: string, message: string | null, allowRetry: boolean, turnId?: string}} Failure
 * @typedef {{level: string, title: string | null, message: string}} Notice
 * @typedef {object} ThreadState
 * @property {Thread | null} thread
 * @property {readonly Item[]} items
 * @property {ReadonlySet<string>} drafts ids of items that are still being written
 * @property {readonly string[]} turns ids of turns that have begun and not ended, oldest first
 * @property {{icon: string | null, text: string} | null} progress
 * @property {Failure | null} failure why the last turn ended badly
 * @property {readonly Notice[]} notices
 * @property {string | null} earlier the cursor of the page before the first item
 */

/** The turn of an event whose source doesn't name turns. */
const UNNAMED_TURN = "";

/** @type {ThreadState} */
export const EMPTY = {
  thread: null,
  items: [],
  drafts: new Set(),
  turns: [],
  progress: null,
  failure: null,
  notices: [],
  earlier: null,
};

/** Take a loaded thread; `newest` is its last page, newest first, where the thread has more than one.
 * @param {ThreadWithItems} loaded
 * @param {Page<Item> | null} newest
 * @returns {ThreadState} */
export function fromSnapshot(loaded, newest = null) {
  const { items, ...thread } = soundThread(loaded);
  const shown = newest ? listOf(newest.data).toReversed() : listOf(items?.data);
  return {
    ...EMPTY,
    thread,
    items: shown.map(soundItem).filter(isShown),
    earlier: newest?.has_more ? (newest.after ?? null) : null,
  };
}

/** Items of the server's own: they should never come, and never show. */
const HIDDEN = new Set(["hidden_context_item", "sdk_hidden_context"]);

/** @param {Item} item */
const isShown = (item) => Boolean(item.id && item.type) && !HIDDEN.has(item.type);

/** @template T @param {T[] | undefined} value @returns {T[]} */
const listOf = (value) => (Array.isArray(value) ? value : []);

/** Keep what was shown before the first item of a fresh snapshot, so that loading again moves nothing.
 * @param {ThreadState} fresh @param {ThreadState} shown @returns {ThreadState} */
export function withShown(fresh, shown) {
  const first = fresh.earlier === null ? undefined : fresh.items[0]?.id;
  const at = shown.items.findIndex(({ id }) => id === first);
  return at > 0
    ? { ...fresh, items: [...shown.items.slice(0, at), ...fresh.items], earlier: shown.earlier }
    : fresh;
}

/** Keep what was shown of a reply that broke off, while the server has nothing better after its message.
 * @param {ThreadState} fresh @param {ThreadState} shown @returns {ThreadState} */
export function withCutReply(fresh, shown) {
  const asked = fresh.items.at(-1)?.id;
  const at = shown.items.findIndex(({ id }) => id === asked);
  if (at < 0) return fresh;
  const failure = { code: "cut", message: null, allowRetry: true };
  return { ...fresh, items: [...fresh.items, ...shown.items.slice(at + 1)], failure };
}

/** What is left of a state while nobody tells how it goes on.
 * @param {ThreadState} state @returns {ThreadState} */
export function atRest(state) {
  return { ...EMPTY, thread: state.thread, items: state.items, earlier: state.earlier };
}

/** Put an older page, newest first, before what is shown.
 * @param {ThreadState} state
 * @param {Page<Item>} page
 * @returns {ThreadState} */
export function withEarlier(state, page) {
  const known = new Set(state.items.map((item) => item.id));
  const older = listOf(page.data)
    .toReversed()
    .map(soundItem)
    .filter((item) => isShown(item) && !known.has(item.id));
  return {
    ...state,
    items: [...older, ...state.items],
    earlier: page.has_more ? (page.after ?? null) : null,
  };
}

/** Apply one event. An unknown event changes nothing.
 * @param {ThreadState} state
 * @param {ThreadEvent} event
 * @param {string | null} [turnId]
 * @returns {ThreadState} */
export function reduce(state, event, turnId = null) {
  const known = soundEvent(event);
  const change = Object.hasOwn(CHANGES, known.type) ? CHANGES[known.type] : undefined;
  return change ? change(state, known, turnId ?? UNNAMED_TURN) : state;
}

/** Drop what follows an item, as the server does when a message is answered again.
 * @param {ThreadState} state
 * @param {string} itemId
 * @returns {ThreadState} */
export function withoutItemsAfter(state, itemId) {
  const at = state.items.findIndex((item) => item.id === itemId);
  return at < 0 ? state : { ...state, items: state.items.slice(0, at + 1), failure: null, notices: [] };
}

/** Return the text of a message's parts.
 * @param {Item} item
 * @returns {string} */
export function textOf(item) {
  return (item.content ?? []).map((part) => part.text ?? "").join("");
}

/** Tell which person of the staff wrote a message, and not the assistant: its server names them as a source.
 * @param {Item} item @returns {{name: string, event: string} | null} */
export function staffOf({ content }) {
  const notes = (content ?? []).flatMap(({ annotations }) => annotations ?? []);
  const data = notes.find((note) => note?.source?.data?.author === "staff")?.source.data;
  return data ? { name: String(data.name ?? ""), event: String(data.event ?? "") } : null;
}

/** Tell that a person of the staff was asked for, came, or went: `asked`, `joined` or `left`.
 * @param {Item} item @returns {{name: string, event: string} | null} */
export function presenceOf(item) {
  const staff = staffOf(item);
  return staff?.event ? staff : null;
}

/** Return who of the staff has the conversation, and not the assistant: who joined and hasn't left, where the server
 * tells of it, and else who answered last.
 * @param {ThreadState} state @returns {{name: string} | null} */
export function answeringStaff({ items }) {
  const told = items.findLast(presenceOf);
  const presence = told && presenceOf(told);
  if (presence) return presence.event === "joined" ? presence : null;
  const last = items.findLast(({ type }) => type !== "user_message");
  return last ? staffOf(last) : null;
}

/** Whether a person has the conversation, or was asked for.
 * @param {ThreadState} state @returns {"joined" | "asked" | null} */
export function staffState(state) {
  if (answeringStaff(state)) return "joined";
  const told = state.items.findLast(presenceOf);
  return told && presenceOf(told)?.event === "asked" ? "asked" : null;
}

/** Whether the server takes nothing more for the thread.
 * @param {ThreadState} state */
export const isClosed = ({ thread }) => (thread?.status?.type ?? "active") !== "active";

/** Whether somebody of the staff takes the conversation over with a message.
 * @param {Item} item @param {ThreadState} state */
export function joins(item, { items }) {
  const before = items.slice(0, items.indexOf(item)).findLast(({ type }) => type !== "user_message");
  return !before || staffOf(before)?.name !== staffOf(item)?.name;
}

/** The questions that take the composer's place until they are answered or skipped.
 * @param {ThreadState} state @returns {Item | null} */
export function pendingQuestions(state) {
  const last = state.items.findLast(({ type }) => type === "structured_input" || type === "user_message");
  const isAsked = last?.type === "structured_input" && isPending(last) && !state.drafts.has(last.id);
  return isAsked && last.inputs?.length ? last : null;
}

/** The call of a tool of the page's that the server waits for: only the last item can be one.
 * @param {ThreadState} state @returns {Item | null} */
export function pendingToolCall(state) {
  const last = state.items.findLast(({ type }) => type !== "end_of_turn");
  return last?.type === "client_tool_call" && isPending(last) ? last : null;
}

/** @param {Item} item */
const isPending = ({ status = "pending" }) => status === "pending";

/** @type {Record<string, (state: ThreadState, event: ThreadEvent, turnId: string) => ThreadState>} */
const CHANGES = {
  "thread.created": mergeThread,
  "thread.updated": mergeThread,
  "thread.item.added": (state, { item }) => (item ? upsert(state, item, true) : state),
  "thread.item.done": (state, { item }) => (item ? upsert(state, item, false) : state),
  "thread.item.replaced": (state, { item }) => (item ? upsert(state, item, false) : state),
  "thread.item.removed": removeItem,
  "thread.item.updated": updateItem,
  stream_options: openOrCloseTurn,
  progress_update: (state, { icon, text }) => ({
    ...state,
    progress: text ? { icon: icon ?? null, text } : null,
  }),
  error: (state, { code, message, allow_retry }, turnId) => ({
    ...state,
    failure: { code: code ?? "custom", message: message ?? null, allowRetry: allow_retry ?? false, turnId },
  }),
  notice: (state, { level, title, message }) => ({
    ...state,
    notices: [...state.notices, { level: level ?? "info", title: title ?? null, message: message ?? "" }],
  }),
};

/** @type {typeof CHANGES[string]} */
function mergeThread(state, { thread }) {
  if (!thread) return state;
  const { items: _left, ...rest } = thread;
  return { ...state, thread: { ...state.thread, ...rest } };
}

/** @param {ThreadState} state @param {Item} item @param {boolean} isDraft @returns {ThreadState} */
function upsert(state, item, isDraft) {
  if (!isShown(item)) return state;
  const at = state.items.findIndex((known) => known.id === item.id);
  const items = at < 0 ? [...state.items, item] : state.items.with(at, item);
  // What a person says goes on from there: one of the staff answers it, without a turn.
  const goesOn = at < 0 && (item.type === "user_message" || presenceOf(item)?.event === "joined");
  const failure = goesOn ? null : state.failure;
  return { ...state, items, failure, drafts: withMember(state.drafts, item.id, isDraft), progress: null };
}

/** @type {typeof CHANGES[string]} */
function removeItem(state, { item_id }) {
  const id = item_id ?? "";
  const items = state.items.filter((item) => item.id !== id);
  return { ...state, items, drafts: withMember(state.drafts, id, false) };
}

/** @type {typeof CHANGES[string]} */
function updateItem(state, { item_id, update }) {
  const at = state.items.findIndex((item) => item.id === item_id);
  const item = state.items[at];
  const change = update && Object.hasOwn(UPDATES, update.type) ? UPDATES[update.type] : undefined;
  if (!item || !update || !change) return state;
  return { ...state, items: state.items.with(at, change(item, update)), progress: null };
}

/** @type {typeof CHANGES[string]} */
function openOrCloseTurn(state, { stream_options }, turnId) {
  if (stream_options?.allow_cancel && state.turns.includes(turnId)) return state;
  const others = state.turns.filter((id) => id !== turnId);
  if (stream_options?.allow_cancel)
    return { ...state, turns: [...others, turnId], failure: null, notices: [] };
  return { ...state, turns: others, progress: null, drafts: others.length ? state.drafts : EMPTY.drafts };
}

/** @type {Record<string, (item: Item, update: ItemUpdate) => Item>} */
const UPDATES = {
  "assistant_message.content_part.added": putContent,
  "assistant_message.content_part.done": putContent,
  "assistant_message.content_part.text_delta": (item, { content_index = 0, delta = "" }) =>
    withContent(item, content_index, (part) => ({ ...part, text: (part.text ?? "") + delta })),
  "assistant_message.content_part.annotation_added": (
    item,
    { content_index = 0, annotation_index, annotation },
  ) =>
    withContent(item, content_index, (part) => {
      const annotations = [...(part.annotations ?? [])];
      if (annotation) annotations[annotation_index ?? annotations.length] = annotation;
      return { ...part, annotations };
    }),
  "workflow.task.added": putTask,
  "workflow.task.updated": putTask,
  "generated_image.updated": (item, { image, progress }) => ({
    ...item,
    ...(image && { image }),
    progress: progress ?? item.progress ?? null,
  }),
  "widget.root.updated": replaceRoot,
  "widget.component.updated": replaceComponent,
  "widget.streaming_text.value_delta": appendText,
};

/** @param {Item} item @param {ItemUpdate} update @returns {Item} */
function putContent(item, { content_index = 0, content }) {
  return content ? withContent(item, content_index, () => content) : item;
}

/** @param {Item} item @param {number} index @param {(part: Content) => Content} change @returns {Item} */
function withContent(item, index, change) {
  const content = [...(item.content ?? [])];
  while (content.length <= index) content.push({ type: "output_text", text: "", annotations: [] });
  return { ...item, content: content.map((part, at) => (at === index ? change(part) : part)) };
}

/** @param {Item} item @param {ItemUpdate} update @returns {Item} */
function putTask(item, { task_index = 0, task }) {
  if (!task) return item;
  /** @type {Task[]} */
  const tasks = [...(item.workflow?.tasks ?? [])];
  tasks[Math.min(task_index, tasks.length)] = task;
  return { ...item, workflow: { ...item.workflow, tasks } };
}

/** @param {ReadonlySet<string>} set @param {string} member @param {boolean} present @returns {ReadonlySet<string>} */
function withMember(set, member, present) {
  if (set.has(member) === present) return set;
  const copy = new Set(set);
  if (present) copy.add(member);
  else copy.delete(member);
  return copy;
}
