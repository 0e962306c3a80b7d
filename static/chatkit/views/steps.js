/**
 * What the assistant did before it answered: one line a tool call.
 * @import {Item, Task} from "../types.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";

/** @param {Item} item */
export function steps(item) {
  const tasks = (item.workflow?.tasks ?? (item.task ? [item.task] : [])).filter((task) => task?.title);
  return tasks.length ? html`<ul class="steps">${tasks.map(step)}</ul>` : nothing;
}

/** Whether a step is running now. @param {Item} item */
export function isWorking(item) {
  return item.workflow?.tasks.some((task) => task?.status_indicator === "loading") ?? false;
}

/** @param {Task} task */
function step({ title, content, status_indicator: status }) {
  const isLive = status === "loading";
  const mark = isLive ? html`<span class="spinner"></span>` : icon("check", "16");
  const detail = content ? html`<span class="step__time num">${content}</span>` : nothing;
  return html`<li class=${isLive ? "step step--live" : "step"}>${mark}<span>${title}</span>${detail}</li>`;
}
