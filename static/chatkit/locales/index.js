/**
 * Which language the element speaks. English is always there; each other one is a file that is fetched when it is spoken.
 *
 * What is wanted is looked for exactly, then as a language without its country (`de-AT`: German), then among the
 * browser's languages, and at last it is English. Dates and numbers keep the country that was asked for.
 * @import {Strings} from "./en.js"
 */

import { en } from "./en.js";

/** @typedef {{texts: string, language: string, wanted: string}} Locale
 *  `texts` names a file, `language` is for dates and numbers, `wanted` is what was asked for */

/** Files by the name of their language. @type {Record<string, () => Promise<Strings>>} */
export const LANGUAGES = {
  en: async () => en,
  ar: async () => (await import("./ar.js")).ar,
  de: async () => (await import("./de.js")).de,
  es: async () => (await import("./es.js")).es,
  fr: async () => (await import("./fr.js")).fr,
  ja: async () => (await import("./ja.js")).ja,
  pt: async () => (await import("./pt.js")).pt,
  "zh-Hans": async () => (await import("./zh-hans.js")).zhHans,
  "zh-Hant": async () => (await import("./zh-hant.js")).zhHant,
};

const FALLBACK = "en";
const RIGHT_TO_LEFT = new Set(["ar", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"]);

/** Choose the language for a locale, given those that the browser prefers.
 * @param {string | undefined} asked @param {readonly string[]} preferred @returns {Locale} */
export function chooseLocale(asked, preferred) {
  const wanted = asked || preferred[0] || FALLBACK;
  for (const tag of [wanted, ...preferred]) {
    const texts = textsFor(tag);
    if (texts) return { texts, language: withCountry(tag, preferred), wanted };
  }
  return { texts: FALLBACK, language: FALLBACK, wanted };
}

/** Fetch the texts of a language; English where they can't be had.
 * @param {string} texts @returns {Promise<Strings>} */
export async function loadTexts(texts) {
  try {
    return (await LANGUAGES[texts]?.()) ?? en;
  } catch {
    return en;
  }
}

/** Tell in which direction a language is written.
 * @param {string} language @returns {"ltr" | "rtl"} */
export function directionOf(language) {
  return RIGHT_TO_LEFT.has(language.split("-")[0] ?? "") ? "rtl" : "ltr";
}

/** A bare language takes the country that the reader's browser names for it.
 * @param {string} tag @param {readonly string[]} preferred */
function withCountry(tag, preferred) {
  return preferred.find((known) => known.startsWith(`${tag}-`)) ?? tag;
}

/** @param {string} tag @returns {string | null} */
function textsFor(tag) {
  const locale = parse(tag);
  if (!locale) return null;
  const { language, script } = locale.maximize();
  const names = [`${language}-${script}`, language];
  return names.find((name) => Object.hasOwn(LANGUAGES, name)) ?? null;
}

/** @param {string} tag */
function parse(tag) {
  try {
    return new Intl.Locale(tag);
  } catch {
    return null;
  }
}
