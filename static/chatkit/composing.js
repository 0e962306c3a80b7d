/**
 * A message while it is written: its text and tags, files, quote, tool and model. Each thread keeps its own.
 * @import {Dictation} from "./dictation.js"
 * @import {Strings} from "./locales/en.js"
 * @import {Session} from "./session.js"
 * @import {Attachment, Content, Options, UserInput} from "./types.js"
 * @import {Named, Written} from "./draft.js"
 * @import {Refusal} from "./limits.js"
 * @import {Quotable} from "./quoting.js"
 * @import {Upload} from "./uploads.js"
 */

import { RequestError } from "./client.js";
import { commandsFor, entitiesFor } from "./commands.js";
import { askedFor, edited, fromContent, inserted, NOTHING, toContent } from "./draft.js";
import { sortFiles } from "./limits.js";
import { loadDictation } from "./speech.js";
import { recall, stash } from "./stash.js";
import { Suggestions } from "./suggestions.js";
import { thumbnail } from "./thumbnail.js";
import { send, uploaded, uploadOf, withdraw } from "./uploads.js";

/**
 * @typedef {{written: Written, quote: string, uploads: Upload[], toolId: string | null}} Draft
 * @typedef {{kind: "file", refusal: Refusal} | {kind: "microphone", why: string, detail: string} | {kind: "unsent"}} Trouble
 * @typedef {object} Surroundings
 * @property {string} name what is kept over a reload is kept under it
 * @property {Session} session
 * @property {() => Options} options
 * @property {() => Strings} strings
 * @property {() => void} changed something that shows has changed
 * @property {(name: string, detail?: object) => void} happened an event for the page
 * @property {(caret: number, isLate?: boolean) => void} place draw now, and put the caret there
 * @property {() => void} pickFiles
 */

/** @returns {Draft} */
const empty = () => ({ written: NOTHING, quote: "", uploads: [], toolId: null });

export class Composing {
  /** From the first time somebody speaks. @type {Dictation | null} */
  dictation = null;
  suggestions;
  /** What went wrong with what was tried last. @type {readonly Trouble[]} */
  troubles = [];
  /** Whether files are held over the chat. */
  isDropTarget = false;
  /** What is selected in the conversation. @type {Quotable | null} */
  quotable = null;
  #around;
  /** @type {Map<string, Draft>} */
  #drafts = new Map();
  /** @type {string | null} */
  #threadId = null;
  /** @type {string | null} */
  #modelId = null;
  #caret = 0;
  /** How far back in the person's own messages the arrow has gone. */
  #recalled = 0;

  /** @param {Surroundings} around */
  constructor(around) {
    this.#around = around;
    const { changed, happened } = around;
    const failed = (/** @type {unknown} */ error) => happened("error", { error });
    this.suggestions = new Suggestions({
      search: async (asked) => (asked.kind === "@" ? entitiesFor(asked, this) : commandsFor(asked, this)),
      changed,
      failed,
    });
  }

  get options() {
    return this.#around.options();
  }

  get strings() {
    return this.#around.strings();
  }

  get text() {
    return this.#now.written.text;
  }

  get written() {
    return this.#now.written;
  }

  get quote() {
    return this.#now.quote;
  }

  get uploads() {
    return this.#now.uploads;
  }

  get isUploading() {
    return this.uploads.some(({ status }) => status === "uploading");
  }

  get isEmpty() {
    return !this.text.trim() && !this.uploads.length;
  }

  get tool() {
    return this.options.composer?.tools?.find(({ id }) => id === this.#now.toolId) ?? null;
  }

  /** The model that answers: the chosen one, the default, or the first. */
  get model() {
    const models = this.options.composer?.models?.filter(({ disabled }) => !disabled) ?? [];
    const chosen = this.#modelId ?? recall(this.#name("model"));
    const isDefault = (/** @type {{default?: boolean}} */ model) => model.default;
    return models.find(({ id }) => id === chosen) ?? models.find(isDefault) ?? models[0] ?? null;
  }

  /** Another thread is shown; or the one that is has got its id.
   * @param {string | null} threadId @param {boolean} isNew */
  follow(threadId, isNew) {
    if (isNew && this.#threadId === null) {
      this.#drafts.set(threadId ?? "", this.#now);
      this.#drafts.delete("");
      stash(this.#name("draft"), null);
    }
    this.dictation?.cancel();
    this.suggestions.close();
    const tool = this.tool?.id ?? null;
    this.#threadId = threadId;
    this.#recalled = 0;
    this.troubles = [];
    const toolId = this.tool?.id ?? null;
    if (toolId !== tool) this.#around.happened("tool.change", { toolId });
    this.#changed();
  }

  // --- Text ---------------------------------------------------------------------------------------------------

  /** A person wrote: the field now has this text.
   * @param {string} text @param {number} caret */
  write(text, caret) {
    const { caret: now, ...written } = edited(this.#now.written, text, caret);
    this.#recalled = 0;
    this.#setWritten(written, now);
    if (written.text !== text) this.#around.place(now);
    this.askAt(now);
  }

  /** The caret moved: what is offered may change, but only writing begins it.
   * @param {number} caret */
  moved(caret) {
    this.#caret = caret;
    if (this.suggestions.isOpen) this.askAt(caret);
  }

  /** Offer what is asked for before the caret.
   * @param {number} caret */
  askAt(caret) {
    this.#caret = caret;
    const asked = askedFor(this.#now.written, caret);
    const { entities, commands } = this.options;
    const isOffered = asked?.kind === "@" ? entities?.onTagSearch : commands?.enabled;
    this.suggestions.ask(asked && isOffered ? asked : null);
  }

  /** Put text or an entity in the place of a stretch; without one at the caret.
   * @param {string | Named} what @param {number} [start] @param {number} [end] @param {boolean} [isLate] */
  insert(what, start = this.#caret, end = start, isLate = false) {
    const { caret, ...written } = inserted(this.#now.written, start, end, what);
    this.#setWritten(written, caret);
    this.#around.place(caret, isLate);
  }

  /** Begin to look for an entity, as if `@` had been typed. */
  beginTag() {
    const { text } = this;
    this.insert(/(^|\s)$/.test(text.slice(0, this.#caret)) ? "@" : " @");
    this.askAt(this.#caret);
  }

  /** @param {string} words */
  insertSpoken(words) {
    const before = this.text.slice(0, this.#caret);
    this.insert(/\S$/.test(before) ? ` ${words}` : words, this.#caret, this.#caret, true);
  }

  /** Listen: what that takes is fetched first. */
  async dictate() {
    const { changed, session, happened } = this.#around;
    const heard = (/** @type {string} */ words) => this.insertSpoken(words);
    const failed = (/** @type {string} */ why, /** @type {unknown} */ error) => {
      const detail = error instanceof RequestError ? error.message : "";
      this.#trouble([{ kind: "microphone", why, detail }]);
      happened("error", { error });
    };
    const loaded = await loadDictation({ client: () => session.client, changed, heard, failed });
    this.dictation ??= loaded; // a second press may have come first
    await this.dictation?.start();
  }

  /** The arrows bring back the person's own messages, while nothing else stands in the field.
   * @param {1 | -1} by older or newer @returns {boolean} whether there was any */
  recall(by) {
    const own = this.#around.session.state.items.filter(({ type }) => type === "user_message").toReversed();
    const wanted = this.#recalled + by;
    const isUntouched =
      !this.text || (this.#recalled > 0 && this.text === shownText(own[this.#recalled - 1]));
    if (!isUntouched || wanted < 0 || wanted > own.length) return false;
    const message = own[wanted - 1];
    const written = message ? fromContent(message.content ?? []) : NOTHING;
    this.#setWritten(written, written.text.length);
    this.#recalled = wanted;
    this.#around.place(written.text.length);
    return true;
  }

  /** Quote what somebody said, to answer it.
   * @param {string} text */
  setQuote(text) {
    this.#now.quote = text;
    this.#changed();
  }

  /** @param {Quotable | null} quotable */
  setQuotable(quotable) {
    if (!quotable && !this.quotable) return;
    this.quotable = quotable;
    this.#around.changed();
  }

  /** Answer what is selected. */
  quoteSelected() {
    const { quotable } = this;
    if (!quotable) return;
    getSelection()?.removeAllRanges();
    this.quotable = null;
    this.setQuote(quotable.text);
    this.#around.place(this.#caret);
  }

  // --- Files --------------------------------------------------------------------------------------------------

  get takesFiles() {
    return this.options.composer?.attachments?.enabled ?? false;
  }

  pickFiles() {
    this.#around.pickFiles();
  }

  /** @param {readonly File[]} files */
  addFiles(files) {
    const limits = this.options.composer?.attachments ?? {};
    const { taken, refused } = sortFiles(files, limits, this.uploads.length);
    this.#trouble(refused.map((refusal) => ({ kind: "file", refusal })));
    for (const file of taken) {
      const upload = uploadOf(file);
      this.#now.uploads.push(upload);
      this.uploadAgain(upload);
      thumbnail(file).then((preview) => {
        upload.preview ??= preview;
        this.#changed();
      });
    }
    this.#changed();
  }

  /** @param {Upload} upload */
  uploadAgain(upload) {
    const { session } = this.#around;
    send(upload, { client: session.client, api: this.options.api, changed: () => this.#changed() });
  }

  /** @param {Upload} upload */
  removeUpload(upload) {
    this.#now.uploads = this.uploads.filter(({ key }) => key !== upload.key);
    withdraw(upload, this.#around.session.client).catch((error) => this.#around.happened("error", { error }));
    this.#changed();
  }

  // --- Tool and model -----------------------------------------------------------------------------------------

  /** @param {string | null} wanted */
  chooseTool(wanted) {
    const toolId = this.options.composer?.tools?.some(({ id }) => id === wanted) ? wanted : null;
    if (toolId === this.#now.toolId) return;
    this.#now.toolId = toolId;
    this.#around.happened("tool.change", { toolId });
    this.#changed();
  }

  /** The options are others: a tool that they no longer have isn't chosen any more. */
  keepOffered() {
    if (!this.tool) this.chooseTool(null);
  }

  /** @param {string} modelId */
  chooseModel(modelId) {
    this.#modelId = modelId;
    stash(this.#name("model"), modelId);
    this.#changed();
  }

  /** @returns {UserInput["inference_options"]} */
  get inference() {
    const { model, tool } = this;
    return { ...(tool && { tool_choice: { id: tool.id } }), ...(model && { model: model.id }) };
  }

  // --- As a whole ---------------------------------------------------------------------------------------------

  /** Take what is written, to be sent; null where something is missing.
   * @returns {{input: UserInput, attachments: Attachment[]} | null} */
  take() {
    const { uploads, quote, tool } = this;
    if (this.isEmpty || this.isUploading) return null;
    if (uploads.some(({ status }) => status === "failed")) {
      this.#trouble([{ kind: "unsent" }]);
      return null;
    }
    const attachments = uploads.flatMap(({ attachment }) => attachment ?? []);
    const input = {
      content: toContent(this.#now.written),
      attachments: attachments.map(({ id }) => id),
      quoted_text: quote,
      inference_options: this.inference,
    };
    this.#drafts.set(this.#key, { ...empty(), toolId: this.#now.toolId });
    this.#recalled = 0;
    this.troubles = [];
    this.suggestions.close();
    if (tool && !tool.persistent) this.chooseTool(null);
    this.#changed();
    return { input, attachments };
  }

  /** Set what is given, and leave the rest.
   * @param {{text?: string, content?: Content[], reply?: string, attachments?: Attachment[], files?: File[],
   *   selectedToolId?: string | null, selectedModelId?: string}} params */
  set({ text, content, reply, attachments, files, selectedToolId, selectedModelId }) {
    const written = content ? fromContent(content) : text === undefined ? null : { text, tags: [] };
    if (written) this.#setWritten(written, written.text.length);
    if (reply !== undefined) this.#now.quote = reply;
    if (attachments) this.#now.uploads = attachments.map(uploaded);
    if (files) this.addFiles(files);
    if (selectedToolId !== undefined) this.chooseTool(selectedToolId);
    if (selectedModelId !== undefined) this.chooseModel(selectedModelId);
    this.#changed();
  }

  /** @param {boolean} isDropTarget */
  setDropTarget(isDropTarget) {
    if (isDropTarget === this.isDropTarget) return;
    this.isDropTarget = isDropTarget;
    this.#around.changed();
  }

  dismissTroubles() {
    this.#trouble([]);
  }

  /** @returns {Draft} */
  get #now() {
    const known = this.#drafts.get(this.#key);
    if (known) return known;
    const kept = /** @type {Partial<Draft> & {attachments?: Attachment[]} | null} */ (
      recall(this.#name("draft"))
    );
    const draft = { ...empty(), ...kept, uploads: (kept?.attachments ?? []).map(uploaded) };
    this.#drafts.set(this.#key, draft);
    return draft;
  }

  get #key() {
    return this.#threadId ?? "";
  }

  /** @param {string} what */
  #name(what) {
    return ["chatkit", what, this.#around.name, ...(what === "draft" ? [this.#key] : [])].join(" ");
  }

  /** @param {Written} written @param {number} caret */
  #setWritten(written, caret) {
    this.#now.written = written;
    this.#caret = caret;
    this.#changed();
  }

  /** @param {readonly Trouble[]} troubles */
  #trouble(troubles) {
    this.troubles = troubles;
    this.#around.changed();
  }

  #changed() {
    const { written, quote, uploads, toolId } = this.#now;
    const attachments = uploads.flatMap(({ status, attachment }) =>
      status === "ready" ? (attachment ?? []) : [],
    );
    const isWorthKeeping = written.text || quote || attachments.length || toolId;
    stash(this.#name("draft"), isWorthKeeping ? { written, quote, attachments, toolId } : null);
    this.#around.changed();
  }
}

/** @param {import("./types.js").Item | undefined} message as it stood in the field */
function shownText(message) {
  return message ? fromContent(message.content ?? []).text : "";
}
