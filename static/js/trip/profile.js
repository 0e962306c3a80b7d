/**
 * The customer's profile as it is now: read once, then told of by the chat, by other tabs, and read again when a
 * page comes back to the front.
 * @import {Profile} from "./types.js"
 */

const ADDRESS = "/support/customer";
const UPDATE = "customer_profile/update";

/** Keeps the newest profile and says when there is a newer one. */
export class CustomerProfile {
  /** @type {Profile | null} */ current = null;
  #show;
  #failed;
  #channel;
  #language;

  /** @param {(profile: Profile, before: Profile | null) => void} show @param {() => void} failed
   * @param {Pick<BroadcastChannel, "postMessage" | "addEventListener">} [channel] to the user's other tabs
   * @param {string} [language] the page's */
  constructor(
    show,
    failed,
    channel = new BroadcastChannel("customer-profile"),
    language = document.documentElement.lang,
  ) {
    this.#language = language.toLowerCase();
    this.#show = show;
    this.#failed = failed;
    this.#channel = channel;
    channel.addEventListener("message", (event) => {
      const { data } = /** @type {MessageEvent<Profile>} */ (event);
      // A tab that somebody else left open tells of somebody else.
      if (data.customer_id === this.current?.customer_id) this.#hear(data);
    });
  }

  /** Follow what the chat tells. @param {EventTarget} chat */
  follow(chat) {
    chat.addEventListener("chatkit.effect", (event) => {
      const { name, data } = /** @type {CustomEvent} */ (event).detail;
      if (name === UPDATE && data?.profile && this.#hear(data.profile))
        this.#channel.postMessage(data.profile);
    });
  }

  /** Read it from the server. A failure shows only where there is nothing to show. */
  async read() {
    try {
      const response = await fetch(ADDRESS, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(`the profile was answered with ${response.status}`);
      this.#take((await response.json()).customer);
    } catch {
      if (!this.current) this.#failed();
    }
  }

  /** Take a profile that was told in this page's language; of another one, as a program's change is in English, only
   * that there is a newer one. @param {Profile} profile @returns whether it is newer */
  #hear(profile) {
    if (profile.language.toLowerCase() === this.#language) return this.#take(profile);
    if (this.current && profile.revision <= this.current.revision) return false;
    this.read().then(() => this.#take(profile)); // which it is no more, unless it couldn't be read
    return true;
  }

  /** Take a profile unless a newer one is known: a log that is read again tells of older ones.
   * @param {Profile} profile */
  #take(profile) {
    const before = this.current;
    if (before && profile.revision <= before.revision) return false;
    this.current = profile;
    this.#show(profile, before);
    return true;
  }
}
