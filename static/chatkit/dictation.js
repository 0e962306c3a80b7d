/**
 * Speaking instead of writing: the browser records, the server writes it down.
 * @import {Client} from "./client.js"
 */

/** What browsers record and servers read, the best first. */
const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const LONGEST_MS = 5 * 60 * 1000;

/** @typedef {"idle" | "starting" | "recording" | "writing"} DictationStatus */
/** @typedef {{client: () => Client, changed: () => void, heard: (text: string) => void,
 *   failed: (why: "refused" | "missing" | "failed", error: unknown) => void}} Hears */

export class Dictation {
  /** @type {DictationStatus} */
  status = "idle";
  /** When it began, as a time stamp. */
  startedAt = 0;
  #hears;
  /** @type {MediaRecorder | null} */
  #recorder = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #limit;

  /** @param {Hears} hears */
  constructor(hears) {
    this.#hears = hears;
  }

  async start() {
    if (this.status !== "idle") return;
    this.#turn("starting");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      // Somebody gave up while the browser asked for the microphone.
      if (/** @type {DictationStatus} */ (this.status) !== "starting") endTracks(stream);
      else this.#record(stream);
    } catch (error) {
      this.#turn("idle");
      const name = error instanceof DOMException ? error.name : "";
      const why = name === "NotAllowedError" ? "refused" : name === "NotFoundError" ? "missing" : "failed";
      this.#hears.failed(why, error);
    }
  }

  /** It was said: have it written down. */
  finish() {
    if (this.status === "recording") this.#recorder?.stop();
  }

  /** Forget what was said. */
  cancel() {
    const recorder = this.#recorder;
    this.#recorder = null;
    if (recorder && recorder.state !== "inactive") recorder.stop();
    if (this.status !== "idle") this.#turn("idle");
  }

  /** @param {MediaStream} stream */
  #record(stream) {
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    const recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
    /** @type {Blob[]} */
    const pieces = [];
    recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data));
    recorder.addEventListener("stop", () => {
      clearTimeout(this.#limit);
      endTracks(stream);
      if (recorder === this.#recorder) this.#write(new Blob(pieces, { type: recorder.mimeType }));
    });
    recorder.start();
    this.#recorder = recorder;
    this.startedAt = Date.now();
    this.#limit = setTimeout(() => this.finish(), LONGEST_MS);
    this.#turn("recording");
  }

  /** @param {Blob} sound */
  async #write(sound) {
    const own = this.#recorder;
    this.#turn("writing");
    try {
      const params = { audio_base64: await toBase64(sound), mime_type: sound.type };
      const { data } = await this.#hears.client().request("input.transcribe", params);
      if (this.#recorder !== own) return;
      const { text } = /** @type {{text?: string}} */ (data ?? {});
      if (text) this.#hears.heard(text);
    } catch (error) {
      if (this.#recorder === own) this.#hears.failed("failed", error);
    }
    if (this.#recorder === own) this.#turn("idle");
  }

  /** @param {DictationStatus} status */
  #turn(status) {
    this.status = status;
    this.#hears.changed();
  }
}

/** @param {MediaStream} stream */
function endTracks(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/** @param {Blob} blob */
async function toBase64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}
