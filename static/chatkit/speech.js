/**
 * Whether somebody can speak instead of writing, and what it takes: that is fetched when they do.
 * @import {Dictation, Hears} from "./dictation.js"
 * @import {Options} from "./types.js"
 */

/** Not every browser can record, and none does for a page without https.
 * @param {Options} options */
export function takesSpeech({ composer }) {
  const canRecord = "mediaDevices" in navigator && "MediaRecorder" in globalThis;
  return Boolean(composer?.dictation?.enabled && canRecord);
}

/** With its buttons: nobody is heard who couldn't stop it.
 * @param {Hears} hears @returns {Promise<Dictation | null>} */
export async function loadDictation(hears) {
  try {
    const [{ Dictation }] = await Promise.all([import("./dictation.js"), import("./views/recording.js")]);
    return new Dictation(hears);
  } catch (error) {
    hears.failed("failed", error);
    return null;
  }
}
