/**
 * The open thread, as the server's socket tells of it; nothing where there is no socket. No DOM.
 * @import {Reply} from "./client.js"
 * @import {Frame, Options} from "./types.js"
 */

import { LiveFeed } from "./live.js";

/** How long an open socket may stay silent about a turn that its request has begun. */
const SILENCE_MS = 4000;

/**
 * @typedef {object} FollowingHears
 * @property {(frame: Frame) => void} frame
 * @property {() => void} turned the connection came or went
 * @property {() => void} gone the log no longer holds what was asked for: load the thread afresh
 * @property {(code: number) => void} refused trying again is of no use
 */

export class Following {
  /** @type {Options["live"]} */
  live;
  /** @type {LiveFeed | null} */
  #feed = null;
  /** The answer to the last request, read until the socket tells of its turn. @type {Reply | null} */
  #reply = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence;
  #hears;

  /** @param {FollowingHears} hears */
  constructor(hears) {
    this.#hears = hears;
  }

  /** Whether there is a socket at all. */
  get isOn() {
    return this.#feed !== null;
  }

  get isOpen() {
    return this.#feed?.isOpen ?? false;
  }

  get retry() {
    return this.#feed?.retry ?? null;
  }

  /** Follow a thread from one place in its log; without a place nothing tells of it.
   * @param {string} threadId @param {string | null} afterSeq */
  start(threadId, afterSeq) {
    this.#feed?.close();
    this.#feed = null;
    if (!this.live || afterSeq === null) return;
    this.#feed = new LiveFeed({
      url: this.live.url(threadId),
      afterSeq: Number(afterSeq),
      hears: {
        ...this.#hears,
        frame: (frame) => {
          this.#supersede(frame.turn_id);
          this.#hears.frame(frame);
        },
      },
    });
  }

  /** A request is being answered. An open socket that stays silent about it is a dead one: open it anew.
   * @param {Reply} reply @returns {boolean} whether the socket tells of it */
  expect(reply) {
    clearTimeout(this.#silence);
    this.#reply = reply;
    if (!this.isOpen) return false;
    this.#silence = setTimeout(() => this.restart(), SILENCE_MS);
    return true;
  }

  restart() {
    this.#feed?.restart();
  }

  stop() {
    clearTimeout(this.#silence);
    this.#feed?.close();
    this.#reply?.close();
    this.#feed = this.#reply = null;
  }

  /** The socket tells of a turn: the answer to its request is no longer read.
   * @param {string | null} turnId */
  #supersede(turnId) {
    if (!this.#reply || this.#reply.turnId !== turnId) return;
    clearTimeout(this.#silence);
    this.#reply.close();
    this.#reply = null;
  }
}
