/**
 * Following the server through WebSockets that come back by themselves. No DOM.
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

/** One thread, followed from one place in its log: in order, without gaps, through drops. */
export class LiveFeed {
  #seq;
  #hears;
  #socket;

  /** @param {{url: string, afterSeq: number, hears: FeedHears}} config */
  constructor({ url, afterSeq, hears }) {
    this.#seq = afterSeq;
    this.#hears = hears;
    this.#socket = new LastingSocket(() => `${url}${url.includes("?") ? "&" : "?"}after_seq=${this.#seq}`, {
      message: (data) => this.#take(/** @type {Frame} */ (data)),
      turned: hears.turned,
      ended: (code) => (code === GONE ? hears.gone() : hears.refused(code)),
    });
  }

  get isOpen() {
    return this.#socket.isOpen;
  }

  get retry() {
    return this.#socket.retry;
  }

  /** Drop the socket, if any, and connect at once. */
  restart() {
    this.#socket.restart();
  }

  /** Stop following. */
  close() {
    this.#socket.close();
  }

  /** @param {Frame} frame */
  #take(frame) {
    if (typeof frame.seq !== "number" || frame.seq <= this.#seq) return;
    this.#seq = frame.seq;
    this.#hears.frame(frame);
  }
}

/**
 * @typedef {object} SocketHears
 * @property {(data: unknown) => void} message
 * @property {() => void} [turned] the connection came or went
 * @property {(code: number) => void} [ended] the server won't have it again
 */

/** A socket that connects again until it is closed, or refused. */
export class LastingSocket {
  retry = new Retry(() => this.#connect());
  #address;
  #hears;
  #closed = false;
  /** @type {WebSocket | null} */
  #socket = null;

  /** @param {() => string} address asked for at each attempt @param {SocketHears} hears */
  constructor(address, hears) {
    this.#address = address;
    this.#hears = hears;
    this.#connect();
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  restart() {
    if (!this.#closed) this.retry.now();
  }

  close() {
    this.#closed = true;
    this.retry.reset();
    this.#discard();
  }

  #connect() {
    this.#discard();
    const socket = new WebSocket(asSocketAddress(this.#address()));
    this.#socket = socket;
    socket.onopen = () => {
      this.retry.reset();
      this.#hears.turned?.();
    };
    socket.onmessage = ({ data }) => this.#hears.message(JSON.parse(String(data)));
    socket.onclose = ({ code }) => this.#dropped(code);
  }

  /** @param {number} code */
  #dropped(code) {
    this.#discard();
    if (code === GONE || REFUSED.has(code)) {
      this.#closed = true;
      this.#hears.ended?.(code);
      return;
    }
    this.retry.later();
    this.#hears.turned?.();
  }

  #discard() {
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

/** Browsers take relative addresses for sockets only since lately.
 * @param {string} url */
function asSocketAddress(url) {
  const address = new URL(url, globalThis.location?.href);
  address.protocol = address.protocol.replace("http", "ws");
  return address.href;
}
