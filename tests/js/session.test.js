import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Session } from "../../static/chatkit/session.js";
import { textOf } from "../../static/chatkit/thread.js";
import { added, assistantMessage, begun, delta, done, ended, userMessage } from "./events.js";

const HEADERS = { "X-Chat-Conversation": "conv_1", "X-Chat-Turn": "turn_1" };
const INPUT = { content: [{ type: "input_text", text: "Hi" }], attachments: [], inference_options: {} };

/** A socket that a test opens, feeds and closes. */
class Socket {
  static OPEN = 1;
  static all = [];
  readyState = 0;

  constructor(url) {
    this.url = url;
    Socket.all.push(this);
  }

  open() {
    this.readyState = Socket.OPEN;
    this.onopen?.();
  }

  /** @param {number} seq */
  push(seq, event, turn_id = "turn_1") {
    this.onmessage?.({ data: JSON.stringify({ seq, turn_id, event }) });
  }

  drop(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  close() {
    this.readyState = 3;
  }
}

/** A streamed answer that a test writes piece by piece. */
function streamedReply(headers = HEADERS) {
  let controller;
  const stream = new ReadableStream({ start: (given) => (controller = given) });
  const response = new Response(stream, { headers });
  return {
    response,
    write: (event) => controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(event)}\n\n`)),
    end: () => controller.close(),
    cut: () => controller.error(new TypeError("network")),
  };
}

let session;
let answers;
let asked;
let happened;

beforeEach(() => {
  globalThis.WebSocket = Socket;
  globalThis.location = { href: "https://chat.example/" };
  Socket.all = [];
  answers = {};
  asked = [];
  happened = [];
});
afterEach(() => {
  session?.close();
  delete globalThis.WebSocket;
  delete globalThis.location;
});

function start({ live = true, cancel, store = null, knownThreads = () => [] } = {}) {
  const fetch = async (_url, init) => {
    const { type, params } = JSON.parse(init.body);
    asked.push({ type, params, key: init.headers["Idempotency-Key"], signal: init.signal });
    const answer = await answers[type]?.(params);
    if (answer instanceof Response) return answer;
    throw new TypeError("Failed to fetch");
  };
  const options = {
    api: { url: "/chatkit", domainKey: "", fetch },
    ...(live && { live: { url: (id) => `/ws/${id}/`, cancel } }),
  };
  session = new Session(
    options,
    "en",
    {
      changed: () => {},
      happened: (name, detail) => happened.push(detail?.threadId ? `${name} ${detail.threadId}` : name),
      knownThreads,
    },
    { store },
  );
  return session;
}

const loaded =
  (items, seq = "4") =>
  () =>
    Response.json(
      { id: "conv_1", items: { data: items, has_more: false } },
      { headers: { "X-Chat-Seq": seq } },
    );
const said = (text) => ({ ...INPUT, content: [{ type: "input_text", text }] });
const sent = (type) => asked.filter((each) => each.type === type);
/** What a tab keeps over a reload. */
function tabStore() {
  const kept = new Map();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
}
/** A whole answer of a server that knows nothing of ours. */
const stockReply =
  (...events) =>
  () => {
    const reply = streamedReply({});
    for (const event of events) reply.write(event);
    reply.end();
    return reply.response;
  };
const shown = () => session.state.items.map(textOf);
/** Let promises that are due run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("a thread is loaded, and followed from the place of its snapshot", async () => {
  answers["threads.get_by_id"] = loaded([userMessage("u", "Hi")]);

  await start().open("conv_1");

  assert.deepEqual(shown(), ["Hi"]);
  assert.equal(Socket.all[0].url, "wss://chat.example/ws/conv_1/?after_seq=4");
  assert.deepEqual(happened, ["thread.change conv_1", "thread.load.start conv_1", "thread.load.end conv_1"]);
});

test("a reply that runs while the page loads goes on live", async () => {
  answers["threads.get_by_id"] = loaded([userMessage("u", "Hi")]);
  await start().open("conv_1");
  const [socket] = Socket.all;

  socket.open();
  socket.push(5, done(userMessage("u", "Hi")));
  socket.push(6, begun);
  socket.push(7, added(assistantMessage("a", "")));
  socket.push(8, delta("a", "Hello"));

  assert.deepEqual(shown(), ["Hi", "Hello"]);
  assert.ok(session.isBusy);
});

test("after a drop the socket goes on from its last frame, and a frame counts once", async () => {
  answers["threads.get_by_id"] = loaded([]);
  await start().open("conv_1");
  Socket.all[0].open();
  Socket.all[0].push(5, added(assistantMessage("a", "")));
  Socket.all[0].push(6, delta("a", "One"));
  Socket.all[0].drop();

  session.reconnect();
  Socket.all[1].open();
  Socket.all[1].push(6, delta("a", "One"));
  Socket.all[1].push(7, delta("a", " two"));

  assert.match(Socket.all[1].url, /after_seq=6$/);
  assert.deepEqual(shown(), ["One two"]);
});

test("a place that the log no longer holds loads the thread afresh", async () => {
  answers["threads.get_by_id"] = loaded([userMessage("u", "Hi")], "9");
  await start().open("conv_1");

  Socket.all[0].drop(4410);
  await settle();

  assert.equal(asked.length, 2);
  assert.match(Socket.all[1].url, /after_seq=9$/);
});

test("an unknown thread and an ended session are said, and not tried again", async () => {
  answers["threads.get_by_id"] = loaded([]);
  await start().open("conv_1");
  Socket.all[0].drop(4404);
  assert.equal(session.reading.error.status, 404);

  await session.open("conv_1");
  Socket.all[1].drop(4401);
  assert.ok(session.signedOut);
  assert.equal(Socket.all.length, 2);
});

test("a new thread shows its first events from the answer, then only the socket's", async () => {
  const reply = streamedReply();
  answers["threads.create"] = () => reply.response;
  const sent = start().send(INPUT);
  await settle();
  reply.write(done(userMessage("u", "Hi")));
  reply.write(begun);
  reply.write(added(assistantMessage("a", "")));
  reply.write(delta("a", "Hel"));
  await settle();
  assert.deepEqual(shown(), ["Hi", "Hel"]);

  const [socket] = Socket.all;
  socket.open();
  const log = [
    done(userMessage("u", "Hi")),
    begun,
    added(assistantMessage("a", "")),
    delta("a", "Hel"),
    delta("a", "lo"),
  ];
  log.forEach((event, at) => {
    socket.push(at + 1, event);
  });
  await sent;

  assert.equal(session.threadId, "conv_1");
  assert.match(socket.url, /conv_1.*after_seq=0$/);
  assert.deepEqual(shown(), ["Hi", "Hello"]);
});

test("while the socket follows, the answer's events are not applied", async () => {
  const reply = streamedReply();
  answers["threads.get_by_id"] = loaded([]);
  answers["threads.add_user_message"] = () => reply.response;
  await start().open("conv_1");
  Socket.all[0].open();
  const sent = session.send(INPUT);
  await settle();
  assert.equal(session.sendings.length, 1);

  reply.write(added(assistantMessage("a", "twice")));
  await settle();
  Socket.all[0].push(5, done(userMessage("u", "Hi")));
  Socket.all[0].push(6, added(assistantMessage("a", "once")));
  await sent;

  assert.deepEqual(shown(), ["Hi", "once"]);
  assert.equal(session.sendings.length, 0);
});

test("without a socket the answer is all there is, and its end is the turn's end", async () => {
  const reply = streamedReply({});
  answers["threads.create"] = () => reply.response;
  const sent = start({ live: false }).send(INPUT);
  await settle();
  reply.write({ type: "thread.created", thread: { id: "conv_2", title: "Hi" } });
  reply.write(done(userMessage("u", "Hi")));
  reply.write(begun);
  reply.write(added(assistantMessage("a", "")));
  reply.write(done(assistantMessage("a", "Hello")));
  reply.end();
  await sent;

  assert.equal(session.threadId, "conv_2");
  assert.deepEqual(shown(), ["Hi", "Hello"]);
  assert.equal(session.isBusy, false);
  assert.deepEqual(happened, ["thread.change conv_2", "response.start", "response.end"]);
});

test("a message of which the answer says nothing stays, unless the thread has it", async () => {
  let items = [];
  answers["threads.get_by_id"] = (params) => loaded(items)(params);
  await start({ live: false }).open("conv_1");
  for (const end of ["end", "cut"]) {
    const reply = streamedReply({});
    answers["threads.add_user_message"] = () => reply.response;
    const sent = session.send(said(end));
    await settle();
    reply.write({ type: "stream_options", stream_options: { allow_cancel: true } });
    await settle();
    reply[end]();
    await sent;

    const [kept] = session.sendings;
    assert.equal(kept.status, "failed", end);
    assert.equal(session.isBusy, false);
    session.discard(kept);
  }
  const reply = streamedReply({});
  answers["threads.add_user_message"] = () => reply.response;
  items = [userMessage("u", "Hi")];
  const sent = session.send(said("Hi"));
  await settle();
  reply.cut();
  await sent;

  assert.deepEqual(session.sendings, []);
  assert.deepEqual(shown(), ["Hi"]);
  session.close();
});

test("a message that can't be sent waits, and goes with the same key", async () => {
  answers["threads.get_by_id"] = loaded([]);
  await start().open("conv_1");
  await session.send(INPUT);
  assert.equal(session.sendings[0].status, "waiting");
  assert.ok(session.isOffline);

  const reply = streamedReply();
  answers["threads.add_user_message"] = () => reply.response;
  session.setOnline(true);
  await settle();
  reply.end();
  await settle();

  const keys = asked.filter(({ type }) => type === "threads.add_user_message").map(({ key }) => key);
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
  assert.equal(session.sendings.length, 0);
});

test("a message that is refused stays, with the reason", async () => {
  answers["threads.get_by_id"] = loaded([]);
  answers["threads.add_user_message"] = () =>
    Response.json({ detail: "Too many messages." }, { status: 429 });
  await start().open("conv_1");

  await session.send(INPUT);

  assert.equal(session.sendings[0].status, "failed");
  assert.equal(session.sendings[0].error.message, "Too many messages.");
  assert.equal(session.isBusy, false);
});

test("Stop aborts the open request, and nothing else does", async () => {
  const reply = streamedReply();
  answers["threads.create"] = () => reply.response;
  start().send(INPUT);
  await settle();
  reply.write(begun);
  await settle();
  const { signal } = asked[0];

  await session.open(null);
  assert.equal(signal.aborted, false);

  const other = streamedReply();
  answers["threads.create"] = () => other.response;
  session.send(INPUT);
  await settle();
  await session.stop();
  assert.equal(asked[1].signal.aborted, true);
});

test("Stop in another tab asks the host to cancel the running turn", async () => {
  const cancelled = [];
  answers["threads.get_by_id"] = loaded([]);
  await start({ cancel: async (...ids) => cancelled.push(ids) }).open("conv_1");
  Socket.all[0].open();
  Socket.all[0].push(5, begun, "turn_7");

  await session.stop();

  assert.deepEqual(cancelled, [["conv_1", "turn_7"]]);
});

test("answering again keeps the message and drops what followed", async () => {
  const reply = streamedReply({ ...HEADERS, "X-Chat-Turn": "turn_2" });
  answers["threads.get_by_id"] = loaded([userMessage("u", "Hi"), assistantMessage("a", "Old")]);
  answers["threads.retry_after_item"] = () => reply.response;
  await start().open("conv_1");
  Socket.all[0].open();

  const retried = session.retry();
  await settle();
  reply.end();
  await retried;

  assert.deepEqual(asked[1].params, { item_id: "u", thread_id: "conv_1" });
  assert.deepEqual(shown(), ["Hi"]);
});

test("a slow load of a thread that was left changes nothing", async () => {
  let answer;
  answers["threads.get_by_id"] = () => new Promise((resolve) => (answer = resolve));
  const slow = start().open("conv_1");
  await settle();
  await session.open(null);

  answer(loaded([userMessage("u", "Hi")])());
  await slow;

  assert.equal(session.threadId, null);
  assert.deepEqual(shown(), []);
  assert.equal(session.reading.isLoading, false);
});

test("the end of a turn by the socket ends what is busy", async () => {
  answers["threads.get_by_id"] = loaded([]);
  await start().open("conv_1");
  Socket.all[0].push(5, begun);
  Socket.all[0].push(6, ended);

  assert.equal(session.isBusy, false);
  assert.deepEqual(happened.slice(-2), ["response.start", "response.end"]);
});

test("what was written offline goes in order, and into one thread", async () => {
  start();
  await session.send(said("One"));
  await session.send(said("Two"));
  assert.deepEqual(
    session.sendings.map(({ status }) => status),
    ["waiting", "waiting"],
  );

  const answer = (id, text) =>
    stockReply(done(userMessage(id, text)), begun, done(assistantMessage(`${id}a`, "Yes")));
  answers["threads.create"] = () => {
    const { body } = answer("u1", "One")();
    return new Response(body, { headers: HEADERS });
  };
  answers["threads.add_user_message"] = answer("u2", "Two");
  session.setOnline(true);
  await settle();
  await settle();

  assert.deepEqual(
    asked.slice(-2).map(({ type, params }) => [type, params.thread_id]),
    [
      ["threads.create", undefined],
      ["threads.add_user_message", "conv_1"],
    ],
  );
  assert.equal(session.sendings.length, 0);
});

test("a stock server is asked whether a message arrived before it is sent again", async () => {
  answers["threads.get_by_id"] = loaded([userMessage("u0", "Hi")], "");
  await start({ live: false }).open("conv_1");
  await session.send(INPUT);
  assert.equal(session.sendings[0].status, "waiting");

  answers["items.list"] = () =>
    Response.json({ data: [userMessage("u1", "Hi"), userMessage("u0", "Hi")], has_more: false });
  answers["threads.get_by_id"] = loaded([userMessage("u0", "Hi"), userMessage("u1", "Hi")], "");
  session.reconnect();
  await settle();
  await settle();

  assert.equal(sent("threads.add_user_message").length, 1);
  assert.equal(session.sendings.length, 0);
  assert.deepEqual(shown(), ["Hi", "Hi"]);
});

test("a stock server that never got it gets it once; words said before are not taken for it", async () => {
  answers["threads.get_by_id"] = loaded([userMessage("u0", "Hi")], "");
  answers["items.list"] = () => Response.json({ data: [userMessage("u0", "Hi")], has_more: false });
  await start({ live: false }).open("conv_1");
  await session.send(INPUT);

  answers["threads.add_user_message"] = stockReply(
    done(userMessage("u1", "Hi")),
    begun,
    done(assistantMessage("a", "Yes")),
  );
  session.reconnect();
  await settle();
  await settle();

  assert.equal(sent("threads.add_user_message").length, 2);
  assert.deepEqual(shown(), ["Hi", "Hi", "Yes"]);
});

test("a new thread that had begun on a stock server is opened, not begun twice", async () => {
  start({ live: false, knownThreads: () => ["old"] });
  await session.send(INPUT);
  answers["threads.list"] = () => Response.json({ data: [{ id: "conv_9" }, { id: "old" }], has_more: false });
  answers["threads.get_by_id"] = loaded([userMessage("u", "Hi"), assistantMessage("a", "Yes")], "");

  session.reconnect();
  await settle();
  await settle();

  assert.equal(sent("threads.create").length, 1);
  assert.equal(session.threadId, "conv_9");
  assert.deepEqual(shown(), ["Hi", "Yes"]);
});

test("an unsent message outlives the page, and goes when its thread is there", async () => {
  const store = tabStore();
  answers["threads.get_by_id"] = loaded([]);
  await start({ store }).open("conv_1");
  await session.send(INPUT);
  const { key } = session.sendings[0];
  session.close();

  start({ store });
  assert.equal(session.sendings.length, 0);
  answers["threads.add_user_message"] = () => streamedReply().response;
  await session.open("conv_1");
  await settle();

  assert.equal(sent("threads.add_user_message").at(-1).key, key);
  assert.equal(session.sendings[0].status, "sending");
});

test("a message that had arrived before the page was loaded again is not kept", async () => {
  const store = tabStore();
  answers["threads.get_by_id"] = loaded([]);
  await start({ store }).open("conv_1");
  await session.send(INPUT);
  session.close();

  answers["threads.get_by_id"] = loaded([userMessage("u", "Hi"), assistantMessage("a", "Yes")]);
  await start({ store }).open("conv_1");
  await settle();

  assert.equal(sent("threads.add_user_message").length, 1);
  assert.equal(session.sendings.length, 0);
});

test("the first message of a new thread asks before it goes after a reload", async () => {
  const store = tabStore();
  await start({ store }).send(INPUT);
  session.close();

  start({ store }).reconnect();
  await settle();

  assert.equal(session.sendings[0].status, "failed");
  assert.equal(sent("threads.create").length, 1);
});

test("a server that just restarts is waited for, as long as it asks", async () => {
  answers["threads.get_by_id"] = loaded([]);
  answers["threads.add_user_message"] = () =>
    new Response("", { status: 503, headers: { "Retry-After": "20" } });
  await start().open("conv_1");

  await session.send(INPUT);

  assert.equal(session.sendings[0].status, "waiting");
  assert.ok(session.retryAt - Date.now() > 19_000);
});

test("what is known of a thread shows at once, and stays while it can't be loaded", async () => {
  answers["threads.get_by_id"] = loaded([userMessage("u", "Hi")]);
  await start().open("conv_1");
  await session.open(null);
  delete answers["threads.get_by_id"];

  const opened = session.open("conv_1");
  assert.deepEqual(shown(), ["Hi"]);
  await opened;

  assert.ok(session.reading.error);
  assert.deepEqual(shown(), ["Hi"]);
});

test("loading again keeps the earlier pages that are shown", async () => {
  const all = Array.from({ length: 100 }, (_, at) => userMessage(`u${at}`, `${at}`));
  const page = (from, to) => () =>
    Response.json({ data: all.slice(from, to).toReversed(), has_more: from > 0, after: `u${from}` });
  answers["threads.get_by_id"] = () =>
    Response.json({ id: "conv_1", items: { data: all.slice(0, 20), has_more: true } });
  answers["items.list"] = page(60, 100);
  await start({ live: false }).open("conv_1");
  answers["items.list"] = page(20, 60);
  await session.loadEarlier();
  answers["items.list"] = page(60, 100);

  await session.reload();

  assert.deepEqual(
    shown(),
    all.slice(20).map(({ content }) => content[0].text),
  );
  assert.equal(session.state.earlier, "u20");
  assert.deepEqual(happened.slice(-1), ["thread.load.end conv_1"]);
});

test("without a socket a reply that is due is looked for", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  answers["threads.get_by_id"] = loaded([userMessage("u", "Hi")], "");
  await start({ live: false }).open("conv_1");
  answers["threads.get_by_id"] = loaded([userMessage("u", "Hi"), assistantMessage("a", "Yes")], "");

  t.mock.timers.tick(2000);
  await settle();
  await settle();
  assert.deepEqual(shown(), ["Hi", "Yes"]);

  t.mock.timers.tick(60_000);
  await settle();
  assert.equal(sent("threads.get_by_id").length, 2);
});

test("an answer that breaks off is asked for; what is there stays on the screen", async () => {
  const reply = streamedReply({});
  answers["threads.create"] = () => reply.response;
  const sending = start({ live: false }).send(INPUT);
  await settle();
  reply.write({ type: "thread.created", thread: { id: "conv_2" } });
  reply.write(done(userMessage("u", "Hi")));
  reply.write(begun);
  reply.write(added(assistantMessage("a", "Hel")));
  await settle();
  reply.cut();
  await sending;
  assert.deepEqual(shown(), ["Hi", "Hel"]);
  assert.equal(session.isBusy, false);

  answers["threads.get_by_id"] = loaded([userMessage("u", "Hi")], "");
  session.reconnect();
  await settle();
  assert.deepEqual(shown(), ["Hi", "Hel"]);
  assert.ok(session.state.failure.allowRetry);

  answers["threads.get_by_id"] = loaded([userMessage("u", "Hi"), assistantMessage("a", "Hello")], "");
  await session.reload();
  assert.deepEqual(shown(), ["Hi", "Hello"]);
  assert.equal(session.state.failure, null);
});

test("a server that can't be stopped is busy all the same", async () => {
  const reply = streamedReply({});
  answers["threads.create"] = () => reply.response;
  const sending = start({ live: false }).send(INPUT);
  await settle();
  reply.write({ type: "thread.created", thread: { id: "conv_2" } });
  reply.write(done(userMessage("u", "Hi")));
  reply.write(ended);
  await settle();
  assert.deepEqual([session.isBusy, session.canStop], [true, false]);

  reply.write(done(assistantMessage("a", "Hello")));
  reply.end();
  await sending;
  assert.equal(session.isBusy, false);
  assert.deepEqual(happened, ["thread.change conv_2", "response.start", "response.end"]);
});
