/**
 * The language in which the element speaks. English is at hand; another one is fetched, and what was drawn stays until
 * it is there.
 * @import {Options} from "./types.js"
 */

import { en } from "./locales/en.js";
import { chooseLocale, directionOf, loadTexts } from "./locales/index.js";

export class Language {
  strings = en;
  /** Nothing is drawn before its words are there. */
  isThere = false;
  /** @type {Promise<void>} */
  ready = Promise.resolve();
  #locale;
  #learnt;

  /** @param {Options} options @param {() => void} learnt another language has come */
  constructor(options, learnt) {
    this.#locale = localeOf(options);
    this.#learnt = learnt;
    this.#fetch();
  }

  /** What the server is asked for. */
  get wanted() {
    return this.#locale.wanted;
  }

  /** Of dates and numbers. */
  get name() {
    return this.#locale.language;
  }

  get direction() {
    return directionOf(this.#locale.texts);
  }

  /** @param {Options} options */
  setOptions(options) {
    this.#locale = localeOf(options);
    this.#fetch();
  }

  #fetch() {
    const { texts } = this.#locale;
    if (texts === "en") {
      Object.assign(this, { strings: en, ready: Promise.resolve(), isThere: true });
      return;
    }
    this.ready = loadTexts(texts).then((strings) => {
      if (texts !== this.#locale.texts) return;
      Object.assign(this, { strings, isThere: true });
      this.#learnt();
    });
  }
}

/** @param {Options} options */
function localeOf({ locale }) {
  return chooseLocale(locale, navigator.languages);
}
