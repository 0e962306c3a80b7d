/**
 * What the assistant did before it answered: a line for each task, with what it found.
 * @import {Strings} from "../locales/en.js"
 * @import {Item, Source, Task, Workflow} from "../types.js"
 * @import {Model} from "./model.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";
import { markdown } from "./markdown.js";
import { sourceChip, sourceIcon } from "./sources.js";

/** A task's content that is so short stands beside its title: a time, a count. */
const ASIDE_LENGTH = 24;

/** @param {Item} item @param {boolean} isDraft @param {Model} model */
export function steps(item, isDraft, model) {
  const tasks = tasksOf(item).filter((task) => titleOf(task, model.strings) || task.content);
  const title = summaryOf(item.workflow, model);
  if (!tasks.length && !title) return nothing;
  const list = html`<ul class="steps">${tasks.map((task) => step(task, isDraft, model))}</ul>`;
  if (!title || isDraft) return list;
  const { summary, expanded } = item.workflow ?? {};
  const head = html`${(summary?.icon && icon(summary.icon, "16")) || icon("check", "16")}<span>${title}</span>`;
  if (!tasks.length) return html`<p class="step">${head}</p>`;
  return html`<details class="flow" ?open=${expanded ?? false}>
    <summary class="step">${head}${icon("chevron", "16")}</summary>
    ${list}
  </details>`;
}

/** Whether a step is running now; what is over isn't, whatever its tasks were left at. @param {Item} item */
export function isWorking(item) {
  return tasksOf(item).some(({ status_indicator: status }) => status === "loading");
}

/** @param {Item} item @returns {Task[]} */
function tasksOf({ workflow, task }) {
  const tasks = workflow?.tasks ?? [task];
  return Array.isArray(tasks) ? tasks.filter((known) => known !== null && typeof known === "object") : [];
}

/** What a workflow that is over is called: the server's words, or how long it took.
 * @param {Workflow | undefined} workflow @param {Model} model */
function summaryOf(workflow, { strings, language }) {
  const { title, duration } = workflow?.summary ?? {};
  if (title || typeof duration !== "number") return title ?? "";
  const time = durationText(duration, language);
  return workflow?.type === "reasoning" ? strings.thoughtFor(time) : strings.workedFor(time);
}

/** @param {number} seconds @param {string} language */
export function durationText(seconds, language) {
  const inUnit = (/** @type {number} */ value, /** @type {string} */ unit) =>
    new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "narrow" }).format(value);
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds % 60);
  if (!minutes) return inUnit(rest, "second");
  return rest ? `${inUnit(minutes, "minute")} ${inUnit(rest, "second")}` : inUnit(minutes, "minute");
}

/** @param {Task} task @param {boolean} isDraft @param {Model} model */
function step(task, isDraft, model) {
  const { strings } = model;
  const isLive = isDraft && task.status_indicator === "loading";
  const content = task.content?.trim() ?? "";
  const isAside = content.length <= ASIDE_LENGTH && !content.includes("\n") && task.type === "custom";
  const title = titleOf(task, strings);
  return html`<li class="step ${isLive ? "step--live" : ""}">
      ${mark(task, isLive)}
      <bdi>${title || (isAside ? content : strings.thinking)}</bdi>
      ${title && isAside && content ? html`<bdi class="step__time num">${content}</bdi>` : nothing}
    </li>
    ${isAside || !content ? nothing : html`<li class="step__more prose"><div ${markdown(content, isLive, strings)}></div></li>`}
    ${findings(task, model)}`;
}

/** @param {Task} task @param {Strings} strings */
function titleOf({ type, title, title_query, queries }, strings) {
  if (title) return title;
  const query = title_query || queries?.[0];
  switch (type) {
    case "web_search":
      return query ? strings.searchedFor(query) : strings.searched;
    case "thought":
      return strings.thinking;
    case "file":
      return strings.readFiles;
    case "image":
      return strings.madeImage;
    default:
      return "";
  }
}

/** @type {Record<string, string>} */
const DRAWINGS = { web_search: "globe", thought: "lightbulb", file: "file", image: "image" };

/** What is running turns; what is done is ticked, or shows its kind where the server doesn't say.
 * @param {Task} task @param {boolean} isLive */
function mark({ type, icon: own, status_indicator: status }, isLive) {
  if (isLive) return html`<span class="spinner"></span>`;
  const drawn = own && icon(own, "16");
  if (drawn) return drawn;
  return icon(type === "custom" || status === "complete" ? "check" : (DRAWINGS[type] ?? "check"), "16");
}

/** What a search asked, and what was found or read.
 * @param {Task} task @param {Model} model */
function findings({ type, title, title_query, queries = [], sources = [] }, model) {
  const shown = sources.filter(Boolean);
  const told = title ? "" : title_query || queries[0];
  const asked = type === "web_search" ? queries.filter((query) => query && query !== told) : [];
  if (!shown.length && !asked.length) return nothing;
  const chip = (/** @type {Source} */ source) => sourceChip(source, sourceIcon(source), model);
  return html`<li class="step__more sources">
    ${asked.map((query) => html`<span class="query">${icon("search", "16")}<span class="cut">${query}</span></span>`)}
    ${shown.length ? html`<span class="unseen">${model.strings.sources}</span>${shown.map(chip)}` : nothing}
  </li>`;
}
