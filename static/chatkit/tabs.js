/**
 * Tells this site's other tabs that a thread has changed, for servers that don't tell by themselves, and that it was
 * seen. No DOM.
 */

export class Tabs {
  /** @type {BroadcastChannel | null} */
  #channel = null;

  /** @param {string} name the same in every tab that talks to the same server
   *  @param {(threadId: string | null) => void} changed @param {(threadId: string) => void} seen */
  constructor(name, changed, seen) {
    if (!("BroadcastChannel" in globalThis)) return;
    this.#channel = new BroadcastChannel(`chatkit:${name}`);
    this.#channel.onmessage = ({ data }) => {
      if (typeof data?.seen === "string") seen(data.seen);
      else changed(typeof data === "string" ? data : null);
    };
  }

  /** @param {string | null} threadId */
  tell(threadId) {
    this.#channel?.postMessage(threadId);
  }

  /** @param {string} threadId */
  tellSeen(threadId) {
    this.#channel?.postMessage({ seen: threadId });
  }

  close() {
    this.#channel?.close();
    this.#channel = null;
  }
}
