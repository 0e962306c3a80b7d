/**
 * What is open over the conversation: the sheet of conversations, and the box that asks before it acts.
 * @import {Elsewhere} from "./elsewhere.js"
 * @import {Strings} from "./locales/en.js"
 * @import {Session} from "./session.js"
 * @import {ThreadList} from "./threads.js"
 * @import {Thread} from "./types.js"
 */

/**
 * @typedef {"rename" | "delete"} Kind
 * @typedef {object} Surroundings
 * @property {ShadowRoot} root
 * @property {Session} session
 * @property {ThreadList} list
 * @property {Elsewhere} elsewhere
 * @property {() => Strings} strings
 * @property {() => void} changed
 * @property {(name: string) => void} happened
 */

export class Overlays {
  isSheetOpen = false;
  /** @type {{kind: Kind, thread: Thread, isBusy: boolean, error: string} | null} */
  box = null;
  #around;
  /** Whether the page was told that the history is open. */
  #isTold = false;
  /** Sheets that no person closed: of these it is told late, when the next one may be open. @type {WeakSet<EventTarget>} */
  #closedHere = new WeakSet();

  /** @param {Surroundings} around */
  constructor(around) {
    this.#around = around;
  }

  get isOpen() {
    return this.isSheetOpen || this.box !== null;
  }

  /** Show the list of conversations; where it stands beside the chat anyway, go there. */
  showSheet() {
    const shown = this.#around.root.querySelector(".frame > .rail");
    if (shown && getComputedStyle(shown).display !== "none") shown.querySelector("button")?.focus();
    else this.#turnSheet(true);
    this.#tell(true);
  }

  hideSheet() {
    const sheet = this.#around.root.querySelector("dialog.sheet");
    if (sheet instanceof HTMLDialogElement && sheet.open) {
      this.#closedHere.add(sheet);
      sheet.close();
    }
    this.#sheetHidden();
  }

  /** @param {Event} event of the sheet */
  sheetClosed({ target }) {
    if (target && !this.#closedHere.delete(target)) this.#sheetHidden();
  }

  /** @param {Kind} kind @param {Thread} thread */
  ask(kind, thread) {
    this.#turnBox({ kind, thread, isBusy: false, error: "" });
  }

  dismiss() {
    this.#turnBox(null);
  }

  /** @param {string} title */
  async confirm(title) {
    const { box } = this;
    if (!box || box.isBusy) return;
    const busy = { ...box, isBusy: true, error: "" };
    this.#turnBox(busy);
    try {
      if (box.kind === "rename") await this.#rename(box.thread, title.trim());
      else await this.#delete(box.thread);
      if (this.box !== busy) return; // closed meanwhile: another one may be open
      const dialog = this.#around.root.querySelector("dialog.box");
      if (dialog instanceof HTMLDialogElement) dialog.close();
      if (box.kind === "delete") this.#focusList();
    } catch {
      if (this.box === busy)
        this.#turnBox({ ...box, isBusy: false, error: this.#around.strings().actionFailed });
    }
  }

  /** @param {Thread} thread @param {string} title */
  async #rename({ id }, title) {
    const { list, elsewhere, session } = this.#around;
    if (title) await list.rename(id, title);
    elsewhere.tell(id);
    if (id === session.threadId) session.renamed(title);
  }

  /** @param {Thread} thread */
  async #delete({ id }) {
    const { list, elsewhere, session } = this.#around;
    await list.remove(id);
    elsewhere.tell(id);
    if (id === session.threadId) await session.open(null);
  }

  /** The row from which the box was opened has gone. */
  #focusList() {
    const { root } = this.#around;
    const rail = root.querySelector("dialog.sheet[open] .rail") ?? root.querySelector(".frame > .rail");
    rail?.querySelector("button")?.focus();
  }

  #sheetHidden() {
    this.#turnSheet(false);
    this.#tell(false);
  }

  /** @param {boolean} isOpen */
  #turnSheet(isOpen) {
    this.isSheetOpen = isOpen;
    this.#around.changed();
  }

  /** @param {Overlays["box"]} box */
  #turnBox(box) {
    this.box = box;
    this.#around.changed();
  }

  /** @param {boolean} isOpen */
  #tell(isOpen) {
    if (isOpen === this.#isTold) return;
    this.#isTold = isOpen;
    this.#around.happened(`history.${isOpen ? "open" : "close"}`);
  }
}
