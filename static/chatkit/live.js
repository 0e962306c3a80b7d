/**
 * Following a thread's log through a WebSocket: in order, without gaps, through drops. No DOM.
 * @import {Frame} from "./types.js"
 */

import { Retry } from "./retry.js";

/** Close codes after which the same address would be refused again. */
const REFUSED = new Set([4401, 4403, 4404]);
const GONE = 4410;

/**
 * @typedef {object} FeedHears
 * @property {(frame: Frame) => void} frame
 * @property {() => void} turned the connection came or went
 * @property {() => void} gone the log no longer holds what was asked for: load the thread afresh
 * @property {(code: number) => void} refused trying again is of no use
 */

/** One thread, followed from one place in its log. */
export class LiveFeed {
  retry = new Retry(() => this.#connect());
  #url;
  #hears;
  #seq;
  #closed = false;
  /** @type {WebSocket | null} */
  #socket = null;

  /** @param {{url: string, afterSeq: number, hears: FeedHears}} config */
  constructor({ url, afterSeq, hears }) {
    this.#url = url;
    this.#seq = afterSeq;
    this.#hears = hears;
    this.#connect();
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Drop the socket, if any, and connect at once. */
  restart() {
    if (!this.#closed) this.retry.now();
  }

  /** Stop following. */
  close() {
    this.#closed = true;
    this.retry.reset();
    this.#discard();
  }

  #connect() {
    this.#discard();
    const socket = new WebSocket(withAfterSeq(this.#url, this.#seq));
    this.#socket = socket;
    socket.onopen = () => {
      this.retry.reset();
      this.#hears.turned();
    };
    socket.onmessage = (message) => this.#take(message.data);
    socket.onclose = ({ code }) => this.#dropped(code);
  }

  /** @param {unknown} data */
  #take(data) {
    const frame = /** @type {Frame} */ (JSON.parse(String(data)));
    if (typeof frame.seq !== "number" || frame.seq <= this.#seq) return;
    this.#seq = frame.seq;
    this.#hears.frame(frame);
  }

  /** @param {number} code */
  #dropped(code) {
    this.#discard();
    if (code === GONE || REFUSED.has(code)) {
      this.#closed = true;
      return code === GONE ? this.#hears.gone() : this.#hears.refused(code);
    }
    this.retry.later();
    this.#hears.turned();
  }

  #discard() {
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

/** @param {string} url @param {number} seq */
function withAfterSeq(url, seq) {
  const address = new URL(url, globalThis.location?.href);
  address.protocol = address.protocol.replace("http", "ws");
  address.searchParams.set("after_seq", String(seq));
  return address.href;
}
