/**
 * What is said: by the person in a bubble, by the assistant as text, by somebody of the staff under their name.
 * @import {Content, Item} from "../types.js"
 * @import {Model} from "./model.js"
 */

import { html, nothing } from "lit/html.js";
import { presenceWords } from "../announce.js";
import { staffOf } from "../thread.js";
import { drawCitations, withCitations } from "./citations.js";
import { attachmentList } from "./files.js";
import { markdown } from "./markdown.js";
import { entityButton, isLively } from "./preview.js";
import { entityOf, sourceList, sourcesOf } from "./sources.js";
import { time } from "./time.js";

/** A person's message, as plain text: never as Markdown.
 * @param {Pick<Item, "content" | "attachments" | "quoted_text">} item @param {Model} model @param {string} [kind] */
export function personMessage({ content = [], attachments = [], quoted_text }, model, kind = "bubble") {
  const { strings, options } = model;
  const hasText = content.some(({ text }) => text?.trim()) || quoted_text;
  return html`${attachmentList(attachments, strings)}
    ${
      hasText
        ? html`${avatar(options.avatars?.user, "user")}<div class=${kind} part="user-message" dir="auto"><span class="unseen">${strings.youWrote}</span>${
            quoted_text ? html`<blockquote class="bubble__quote">${quoted_text}</blockquote>` : nothing
          }<p>${content.map((part) => (part.type === "input_tag" ? tag(part, model) : part.text))}</p></div>`
        : nothing
    }`;
}

/** A face beside what is said, where the page gives one.
 * @param {string | undefined} address @param {string} who */
function avatar(address, who) {
  return address
    ? html`<img class="face face--${who}" part="avatar ${who}-avatar" src=${address} alt="">`
    : nothing;
}

/** @param {Content} part @param {Model} model */
function tag(part, model) {
  return isLively(part, model)
    ? entityButton(entityOf({ ...part, title: part.text ?? "" }), { kind: "tag" }, part.text, model)
    : html`<span class="tag">${part.text}</span>`;
}

/** @param {Item} item @param {boolean} isDraft @param {Model} model */
export function assistantMessage(item, isDraft, model) {
  const { strings, options } = model;
  const parts = (item.content ?? []).filter((part) => part?.text?.trim());
  if (!parts.length) return nothing;
  const sources = isDraft ? [] : sourcesOf(parts);
  return html`${avatar(options.avatars?.assistant, "assistant")}<div class="prose" part="assistant-message">
      <span class="unseen">${strings.assistantWrote}</span>
      ${paragraphs(parts, sources, isDraft, model)}
    </div>
    ${sourceList(sources, model)}`;
}

/** A line across the thread: a person was asked for, answers from here on, or the assistant again. @param {Item} item @param {Model} model */
export function joined(item, { strings, language }) {
  return html`<p class="event" part="presence"><bdi>${presenceWords(staffOf(item), strings)}</bdi>${item.created_at ? time(item.created_at, language) : nothing}</p>`;
}

/** A person of the staff: a name, a face of initials, and what they say in an outlined bubble.
 * @param {Item} item @param {boolean} isFirst of several in a row @param {boolean} isDraft @param {Model} model */
export function staffMessage(item, isFirst, isDraft, model) {
  const name = staffOf(item)?.name || model.strings.staff;
  const parts = (item.content ?? []).filter((part) => part?.text?.trim());
  return html`<div class="said ${isFirst ? "" : "said--more"}" part="staff-message">
    ${
      isFirst
        ? html`<span class="said__face" aria-hidden="true">${initials(name)}</span><p class="said__who"><span>${name}</span>${item.created_at ? time(item.created_at, model.language) : nothing}</p>`
        : html`<span class="unseen">${name}: </span>`
    }
    <div class="said__box prose">${paragraphs(parts, [], isDraft, model)}</div>
  </div>`;
}

/** @param {Content[]} parts @param {ReturnType<typeof sourcesOf>} sources @param {boolean} isDraft
 * @param {Model} model */
function paragraphs(parts, sources, isDraft, { strings, session }) {
  const domains = session.state.thread?.allowed_image_domains;
  const last = parts.length - 1;
  return parts.map((part, at) => {
    const isGrowing = isDraft && at === last;
    const text = sources.length ? withCitations(part, sources) : (part.text ?? "");
    const dress = (/** @type {DocumentFragment} */ blocks) => drawCitations(blocks, sources);
    return html`<div dir="auto" ${markdown(text, isGrowing, strings, domains, sources.length ? dress : undefined)}></div>`;
  });
}

/** @param {string} name */
function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toLocaleUpperCase();
}
