/**
 * Requests to a ChatKit server, and the events that it streams back. No DOM.
 * @import {Fetch, ThreadEvent} from "./types.js"
 */

/** The server answered, and refused. `detail` is in words for the person who waits. */
export class RequestError extends Error {
  /** @param {number} status @param {{code?: string, title?: string, detail?: string, request_id?: string}} problem
   *  @param {number | null} retryAfter */
  constructor(status, problem, retryAfter) {
    super(problem.detail || problem.title || `The server answered ${status}.`);
    this.name = "RequestError";
    this.status = status;
    this.code = problem.code ?? "";
    this.requestId = problem.request_id ?? "";
    this.retryAfter = retryAfter;
  }
}

/** The server could not be reached, or went away: asking again is safe and may help. */
export class ConnectionError extends Error {
  /** @param {unknown} cause */
  constructor(cause) {
    super("The server can't be reached.", { cause });
    this.name = "ConnectionError";
  }
}

/** Answers of a proxy, or of a server that just starts or is short of something: they pass. */
const PASSING = new Set([502, 503, 504]);

/** Tell whether trying again by itself is of use.
 * @param {unknown} error @returns {boolean} */
export function isPassing(error) {
  return error instanceof ConnectionError || (error instanceof RequestError && PASSING.has(error.status));
}

/** Speaks ChatKit to one address. */
export class Client {
  #url;
  #fetch;
  #language;

  /** @param {{url: string, fetch?: Fetch, language: string}} config */
  constructor({ url, fetch: given, language }) {
    this.#url = url;
    this.#fetch = given ?? ((/** @type {Parameters<Fetch>} */ ...args) => fetch(...args));
    this.#language = language;
  }

  /** Ask for JSON.
   * @param {string} type @param {object} params
   * @returns {Promise<{data: unknown, headers: Headers}>} */
  async request(type, params) {
    const response = await this.#post(type, params, {});
    try {
      return { data: await response.json(), headers: response.headers };
    } catch (error) {
      throw new ConnectionError(error);
    }
  }

  /** Ask for a reply. Only Stop may abort `signal`: whoever gave `api.fetch` takes that for a cancel.
   * @param {string} type @param {object} params
   * @param {{signal: AbortSignal, key: string}} how
   * @returns {Promise<Reply>} */
  async stream(type, params, { signal, key }) {
    return new Reply(await this.#post(type, params, { signal, headers: { "Idempotency-Key": key } }), signal);
  }

  /** @param {string} type @param {object} params @param {{signal?: AbortSignal, headers?: Record<string, string>}} how */
  async #post(type, params, { signal, headers }) {
    const response = await this.#send({
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": this.#language, ...headers },
      body: JSON.stringify({ type, params }),
      ...(signal && { signal }),
    });
    if (!response.ok) throw await refusal(response);
    return response;
  }

  /** @param {RequestInit} init */
  async #send(init) {
    try {
      return await this.#fetch(this.#url, init);
    } catch (error) {
      throw failure(error, init.signal);
    }
  }
}

/** Only Stop stops: a page's own fetch may be aborted for reasons of its own, as by its time limit, and may say what it
 * likes when it was stopped.
 * @param {unknown} error @param {AbortSignal | null} [signal] */
function failure(error, signal) {
  return signal?.aborted ? new DOMException("Stopped.", "AbortError") : new ConnectionError(error);
}

const BLOCK_END = /\r?\n\r?\n/;
/** Nothing that a chat shows is longer, in characters. */
const LONGEST_BLOCK = 32_000_000;

/** A streamed reply: where it belongs, and its events. */
export class Reply {
  #response;
  #reader;
  #signal;

  /** @param {Response} response @param {AbortSignal} signal */
  constructor(response, signal) {
    this.#response = response;
    this.#signal = signal;
    this.#reader = response.body?.getReader();
    this.threadId = response.headers.get("X-Chat-Conversation");
    this.turnId = response.headers.get("X-Chat-Turn");
  }

  /** Yield the events until the server ends the stream or somebody closes it.
   * @returns {AsyncGenerator<ThreadEvent>} */
  async *events() {
    if (!this.#reader) throw new ConnectionError(this.#response.status);
    const decoder = new TextDecoder();
    const blocks = new Blocks();
    for (;;) {
      const { done, value } = await this.#read(this.#reader);
      if (done) return;
      for (const block of blocks.take(decoder.decode(value, { stream: true }))) {
        const event = parseEvent(block);
        if (event) yield event;
      }
    }
  }

  /** Stop reading. The server goes on: this is not a cancel. */
  close() {
    this.#reader?.cancel().catch(() => {});
  }

  /** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
  async #read(reader) {
    try {
      return await reader.read();
    } catch (error) {
      throw failure(error, this.#signal);
    }
  }
}

/** Puts blocks together from pieces; only what is new is looked through. */
class Blocks {
  /** @type {string[]} */
  #begun = [];
  #length = 0;

  /** @param {string} piece @returns {string[]} what is complete */
  take(piece) {
    const before = this.#begun.at(-1) ?? "";
    this.#length += piece.length;
    if (this.#length > LONGEST_BLOCK) throw new ConnectionError("An event has no end.");
    if (!BLOCK_END.test(before.slice(-3) + piece)) {
      this.#begun.push(piece.length < 3 ? (this.#begun.pop() ?? "") + piece : piece);
      return [];
    }
    const blocks = [...this.#begun, piece].join("").split(BLOCK_END);
    const rest = blocks.pop() ?? "";
    this.#begun = [rest];
    this.#length = rest.length;
    return blocks;
  }
}

/** Tell whether somebody pressed Stop.
 * @param {unknown} error @returns {boolean} */
export function isAbort(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/** Read one block of an event stream; comments and foreign fields give null.
 * @param {string} block @returns {ThreadEvent | null} */
export function parseEvent(block) {
  const data = block
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).trimStart())
    .join("\n");
  try {
    return data ? JSON.parse(data) : null;
  } catch {
    return null;
  }
}

/** What a server that refuses says. @param {Response} response */
export async function refusal(response) {
  const problem = await response.json().catch(() => ({}));
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return new RequestError(response.status, problem ?? {}, Number.isNaN(seconds) ? null : seconds);
}
