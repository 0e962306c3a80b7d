/**
 * Where a message is written: text with its files and quote, the buttons beneath, and Stop in Send's place.
 * @import {Composing} from "../composing.js"
 * @import {Model} from "./model.js"
 */

import { Directive, directive } from "lit/directive.js";
import { live } from "lit/directives/live.js";
import { html, noChange, nothing } from "lit/html.js";
import { icon } from "../icons.js";
import { acceptText } from "../limits.js";
import { takesSpeech } from "../speech.js";
import { answeringStaff } from "../thread.js";
import { modelMenu, pinnedTools, toolMenu } from "./choices.js";
import { later } from "./later.js";
import { markdown } from "./markdown.js";
import { scrollable } from "./scroll.js";

/** Fetched where files or speech may come, before there are any: then it may be too late. */
const filesAndTroubles = later(async () => ({
  ...(await import("./waiting.js")),
  ...(await import("./troubles.js")),
  ...(await import("../transfer.js")),
}));
const recording = later(() => import("./recording.js"));
const suggesting = later(() => import("./suggestions.js"));

/** @param {Model} model */
export function composer(model) {
  const { strings, composing } = model;
  const { dictation } = composing;
  const isSpeaking = dictation && dictation.status !== "idle";
  const mayComeTo =
    composing.takesFiles ||
    composing.uploads.length ||
    composing.troubles.length ||
    composing.options.composer?.dictation?.enabled;
  const views = mayComeTo ? filesAndTroubles(model) : null;
  return html`${views?.troubleNotices(model) ?? nothing}
  <div class="composer__place">
    ${offers(model) ? (suggesting(model)?.suggestionList(model) ?? nothing) : nothing}
    <form part="composer" class="composer ${composing.isDropTarget ? "composer--drop" : ""}" @submit=${submit(model)} @click=${focusText}>
      ${quoteBar(model)}${views?.waitingFiles(composing.uploads, model) ?? nothing}
      <div class="composer__field">${backdrop(composing)}${field(model)}</div>
      ${(isSpeaking && recording(model)?.dictationRow(dictation, model)) || buttonRow(model)}
      ${composing.isDropTarget ? html`<p class="composer__drop">${icon("clip")}${strings.dropHere}</p>` : nothing}
    </form>
  </div>`;
}

/** @param {Model} model */
export function disclaimer({ options: { disclaimer: given }, strings }) {
  if (!given?.text) return nothing;
  return html`<div part="disclaimer" dir="auto" class="dock__small ${given.highContrast ? "dock__small--strong" : ""}" ${scrollable()} ${markdown(given.text, false, strings)}></div>`;
}

/** @param {Model} model */
function field(model) {
  const { strings, composing } = model;
  const { suggestions } = composing;
  const suggested = suggestions.isOpen && suggestions.found[suggestions.active];
  return html`<textarea
    class="composer__text"
    rows="1"
    dir="auto"
    enterkeyhint="send"
    aria-label=${strings.message}
    aria-autocomplete=${offers(model) ? "list" : nothing}
    aria-haspopup=${offers(model) ? "listbox" : nothing}
    aria-controls=${suggestions.isOpen ? "suggestions" : nothing}
    aria-activedescendant=${suggested ? `suggestion-${suggestions.active}` : nothing}
    placeholder=${placeholderOf(model)}
    .value=${live(composing.text)}
    ${grown(composing.text)}
    @input=${(/** @type {InputEvent} */ event) => write(event, composing)}
    @select=${(/** @type {Event} */ event) => moved(event, composing)}
    @keyup=${(/** @type {KeyboardEvent} */ event) => moved(event, composing)}
    @pointerup=${(/** @type {Event} */ event) => moved(event, composing)}
    @blur=${() => composing.suggestions.close()}
    @paste=${(/** @type {ClipboardEvent} */ event) => paste(event, composing)}
    @scroll=${scrollBackdrop}
    @keydown=${(/** @type {KeyboardEvent} */ event) => keyed(event, model)}
  ></textarea>`;
}

/** Whether something comes of `@` or `/`. @param {Model} model */
function offers({ options: { entities, commands } }) {
  return Boolean(entities?.onTagSearch || commands?.enabled);
}

/** @param {Model} model */
function placeholderOf({ strings, options, session, composing }) {
  if (composing.tool?.placeholderOverride) return composing.tool.placeholderOverride;
  if (session.isBusy) return strings.placeholderWhileBusy;
  const staff = answeringStaff(session.state);
  if (staff) return strings.writeTo(staff.name || strings.staff);
  const own = (!session.threadId && options.startScreen?.placeholder) || options.composer?.placeholder;
  return own ?? strings.placeholder;
}

/** Tags are marked behind the text, which itself stays plain: so every browser's way of writing holds.
 * @param {Composing} composing */
function backdrop({ written: { text, tags } }) {
  if (!tags.length) return nothing;
  let taken = 0;
  const parts = tags.map(({ start, end }) => {
    const before = text.slice(taken, start);
    taken = end;
    return html`${before}<mark>${text.slice(start, end)}</mark>`;
  });
  return html`<div class="composer__backdrop" dir="auto" aria-hidden="true">${parts}${text.slice(taken)}</div>`;
}

/** @param {Model} model */
function quoteBar({ strings, composing }) {
  if (!composing.quote) return nothing;
  return html`<div class="composer__quote">
    ${icon("quote", "16")}
    <blockquote dir="auto"><span class="unseen">${strings.replyingTo} </span>${composing.quote}</blockquote>
    <button class="icon-button icon-button--small" type="button" aria-label=${strings.removeQuote} @click=${() => composing.setQuote("")}>${icon("x", "16")}</button>
  </div>`;
}

/** @param {Model} model */
function buttonRow(model) {
  const { strings, options, session, composing } = model;
  const { entities } = options;
  const hasTagButton = entities?.onTagSearch && entities.showComposerMenu;
  return html`<div class="composer__row">
    ${composing.takesFiles ? fileButton(model) : nothing}
    ${hasTagButton ? html`<button class="icon-button" type="button" aria-label=${strings.mention} @click=${() => composing.beginTag()}>${icon("at")}</button>` : nothing}
    ${toolMenu(model)}${pinnedTools(model)}
    <span class="composer__gap"></span>
    ${modelMenu(model)}
    ${
      takesSpeech(options)
        ? html`<button class="icon-button" type="button" aria-label=${strings.dictate} @click=${() => composing.dictate()}>${icon("mic")}</button>`
        : nothing
    }
    ${session.canStop ? stopButton(model) : sendButton(model)}
  </div>`;
}

/** @param {Model} model */
function fileButton({ strings, options, composing }) {
  const limits = options.composer?.attachments;
  return html`<button class="icon-button" type="button" aria-label=${strings.attach} @click=${() => composing.pickFiles()}>${icon("clip")}</button>
    <input class="composer__picker" type="file" hidden tabindex="-1" aria-label=${strings.attach}
      ?multiple=${(limits?.maxCount ?? 2) > 1}
      accept=${acceptText(limits?.accept) || nothing}
      @change=${(/** @type {Event} */ { currentTarget }) => picked(currentTarget, composing)}>`;
}

/** @param {Model} model */
function sendButton({ strings, composing }) {
  const isWaiting = composing.isUploading;
  return html`<button class="send" part="send" type="submit" aria-label=${strings.send} title=${isWaiting ? strings.waitForUpload : nothing} ?disabled=${composing.isEmpty || isWaiting}>${icon("up")}</button>`;
}

/** @param {Model} model */
function stopButton({ strings, ui, act }) {
  return html`<button class="send send--stop" part="stop" type="button" aria-busy=${ui.isStopping} @click=${act.stop}>
    ${ui.isStopping ? html`<span class="spinner"></span>${strings.stopping}` : html`${icon("stop", "fill")}${strings.stop}`}
  </button>`;
}

/** @param {Model} model @returns {(event: SubmitEvent) => void} */
function submit({ act }) {
  return (event) => {
    event.preventDefault();
    act.send();
  };
}

/** @param {InputEvent} event @param {Composing} composing */
function write({ currentTarget }, composing) {
  if (!(currentTarget instanceof HTMLTextAreaElement)) return;
  composing.write(currentTarget.value, currentTarget.selectionEnd);
}

/** @param {Event} event @param {Composing} composing */
function moved({ currentTarget }, composing) {
  if (!(currentTarget instanceof HTMLTextAreaElement)) return;
  const { selectionStart, selectionEnd } = currentTarget;
  if (selectionStart === selectionEnd) composing.moved(selectionEnd);
}

/** Enter sends; Shift and Enter, and the Enter that accepts an input method's word, write. An open list comes first.
 * @param {KeyboardEvent} event @param {Model} model */
function keyed(event, model) {
  const { target, key } = event;
  const { composing } = model;
  const { suggestions } = composing;
  if (event.isComposing || !(target instanceof HTMLTextAreaElement)) return;
  if (suggestions.isOpen && suggesting(model)?.suggestionKeys(event, suggestions)) return;
  const isPlain = !(event.shiftKey || event.altKey || event.ctrlKey || event.metaKey);
  if (key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    target.form?.requestSubmit();
  }
  const by = isPlain ? { ArrowUp: 1, ArrowDown: -1 }[key] : undefined;
  const isAtEdge = key === "ArrowUp" ? !target.value.slice(0, target.selectionStart).includes("\n") : true;
  if (by && isAtEdge && composing.recall(by > 0 ? 1 : -1)) event.preventDefault();
}

/** Files on the clipboard are attached; text is pasted as ever.
 * @param {ClipboardEvent} event @param {Composing} composing */
function paste(event, composing) {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length || !composing.takesFiles) return;
  event.preventDefault();
  composing.addFiles(files);
}

/** @param {EventTarget | null} target @param {Composing} composing */
function picked(target, composing) {
  if (!(target instanceof HTMLInputElement)) return;
  composing.addFiles([...(target.files ?? [])]);
  // The same file may be chosen again.
  target.value = "";
  target.form?.querySelector("textarea")?.focus();
}

/** A click anywhere in the box goes to the text.
 * @param {MouseEvent} event */
function focusText({ target, currentTarget }) {
  if (!(currentTarget instanceof HTMLElement) || !(target instanceof Element)) return;
  if (!target.closest("button, input, .menu")) currentTarget.querySelector("textarea")?.focus();
}

/** @param {Event} event */
function scrollBackdrop({ currentTarget }) {
  if (!(currentTarget instanceof HTMLElement)) return;
  const behind = currentTarget.previousElementSibling;
  if (behind) behind.scrollTop = currentTarget.scrollTop;
}

class GrownDirective extends Directive {
  #text = "";

  /** @param {string} _text @returns {unknown} */
  render(_text) {
    return noChange;
  }

  /** @override @param {import("lit/directive.js").ElementPart} part @param {[string]} values */
  update({ element }, [text]) {
    if (text !== this.#text && element instanceof HTMLTextAreaElement) growToText(element);
    this.#text = text;
    return noChange;
  }
}

/** Belongs after a field's text: gives it the height that it needs. */
const grown = directive(GrownDirective);

/** Where the browser can't size a field by its content. @param {HTMLTextAreaElement} field */
function growToText(field) {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.blockSize = "auto";
  field.style.blockSize = `${field.scrollHeight}px`;
}
