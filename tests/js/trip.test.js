import assert from "node:assert/strict";
import { test } from "node:test";
import { CustomerProfile } from "../../static/js/trip/profile.js";

/** @param {number} revision */
const profile = (revision, customer_id = "ann", language = "pt") => ({ revision, customer_id, language });

/** Two ends of what connects tabs, without the wait. */
class Channel extends EventTarget {
  /** @type {unknown[]} */ sent = [];
  /** @param {unknown} data */
  postMessage(data) {
    this.sent.push(data);
  }
  /** @param {unknown} data */
  hear(data) {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }
}

function following() {
  const chat = new EventTarget();
  const channel = new Channel();
  /** @type {number[]} */ const shown = [];
  /** @type {string[]} */ const spoken = [];
  let failures = 0;
  const customer = new CustomerProfile(
    (now) => {
      shown.push(now.revision);
      spoken.push(now.language);
    },
    () => failures++,
    channel,
    "PT",
  );
  customer.follow(chat);
  /** @param {string} name @param {unknown} data */
  const tell = (name, data) =>
    chat.dispatchEvent(new CustomEvent("chatkit.effect", { detail: { name, data } }));
  return { customer, channel, shown, spoken, tell, failures: () => failures };
}

/** @param {() => Promise<unknown>} answer @param {() => Promise<void>} act */
async function withFetch(answer, act) {
  const before = globalThis.fetch;
  globalThis.fetch = /** @type {typeof fetch} */ (answer);
  await act().finally(() => {
    globalThis.fetch = before;
  });
}

/** Everything that waits for no network has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("an effect shows at once, and in the other tabs", () => {
  const { tell, shown, channel } = following();

  tell("customer_profile/update", { profile: profile(2) });
  tell("something/else", { profile: profile(9) });
  tell("customer_profile/update", undefined);

  assert.deepEqual(shown, [2]);
  assert.deepEqual(channel.sent, [profile(2)]);
});

test("what is older, or known, never comes back", () => {
  const { tell, shown, channel } = following();

  for (const revision of [3, 2, 3, 4]) tell("customer_profile/update", { profile: profile(revision) });

  assert.deepEqual(shown, [3, 4]);
  assert.equal(channel.sent.length, 2);
});

test("another tab is believed about the same person only, and not echoed", () => {
  const { tell, shown, channel } = following();

  channel.hear(profile(1));
  tell("customer_profile/update", { profile: profile(2) });
  channel.hear(profile(5, "bob"));
  channel.hear(profile(3));

  assert.deepEqual(shown, [2, 3]);
  assert.equal(channel.sent.length, 1);
});

test("a failure shows where there is nothing to show, and only there", async () => {
  const { customer, shown, failures } = following();
  const fails = async () => ({ ok: false, status: 503 });
  const works = async () => ({ ok: true, json: async () => ({ customer: profile(1) }) });

  await withFetch(fails, () => customer.read());
  await withFetch(works, () => customer.read());
  await withFetch(fails, () => customer.read());

  assert.equal(failures(), 1);
  assert.deepEqual(shown, [1]);
});

test("what a program changed is read again, in the page's language", async () => {
  const { tell, shown, spoken, channel } = following();
  const works = async () => ({ ok: true, json: async () => ({ customer: profile(2) }) });
  const fails = async () => ({ ok: false, status: 503 });

  await withFetch(works, async () => {
    tell("customer_profile/update", { profile: profile(2, "ann", "en") });
    await settled();
    tell("customer_profile/update", { profile: profile(1, "ann", "en") });
    await settled();
  });
  await withFetch(fails, async () => {
    tell("customer_profile/update", { profile: profile(3, "ann", "en") });
    await settled();
  });

  assert.deepEqual(shown, [2, 3]);
  assert.deepEqual(spoken, ["pt", "en"]);
  assert.equal(channel.sent.length, 2);
});
