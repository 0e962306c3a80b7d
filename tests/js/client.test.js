import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, ConnectionError, isAbort, parseEvent, RequestError } from "../../static/chatkit/client.js";

const client = (fetch) => new Client({ url: "https://chat.example/chatkit", fetch, language: "en" });

/** A response whose body comes in these pieces. */
function streamed(pieces, headers = {}) {
  const body = new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
  return new Response(body, { headers });
}

test("a request is JSON of type and params, in the reader's language", async () => {
  let sent;
  const fetch = async (url, init) => {
    sent = { url, ...init, body: JSON.parse(init.body) };
    return Response.json({ id: "t" });
  };

  const { data } = await client(fetch).request("threads.get_by_id", { thread_id: "t" });

  assert.deepEqual(data, { id: "t" });
  assert.deepEqual(sent.body, { type: "threads.get_by_id", params: { thread_id: "t" } });
  assert.equal(sent.headers["Accept-Language"], "en");
  assert.equal(sent.signal, undefined);
});

test("events are read however the stream is cut", async () => {
  const text = 'data: {"type":"a","text":"é"}\n\ndata: {"type":"b"}\n\n: ping\n\n';
  const bytes = new TextEncoder().encode(text);

  for (let at = 1; at < bytes.length; at += 1) {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes.slice(0, at));
        controller.enqueue(bytes.slice(at));
        controller.close();
      },
    });
    const reply = await client(async () => new Response(body)).stream("x", {}, { key: "k" });
    const events = await collect(reply.events());
    assert.deepEqual(events, [{ type: "a", text: "é" }, { type: "b" }]);
  }
});

test("an event in many pieces is read once, and one without an end is given up", async () => {
  const text = "x".repeat(50_000);
  const pieces = [`data: {"type":"a","text":"${text}"}`, ...text.slice(0, 20_000), "\n", "\n", "data: 1\n\n"];
  pieces[1] = "";
  const endless = () => new ReadableStream({ pull: (sink) => sink.enqueue(new Uint8Array(1_000_000)) });

  const reply = await client(async () => streamed(pieces.toSpliced(1, 20_000))).stream("x", {}, { key: "k" });
  const lost = await client(async () => new Response(endless())).stream("x", {}, { key: "k" });

  assert.deepEqual(await collect(reply.events()), [{ type: "a", text }, 1]);
  await assert.rejects(collect(lost.events()), ConnectionError);
});

async function collect(iterable) {
  const all = [];
  for await (const one of iterable) all.push(one);
  return all;
}

test("a reply says where it belongs, and its send carries its key", async () => {
  let headers;
  const fetch = async (_url, init) => {
    headers = init.headers;
    return streamed([], { "X-Chat-Conversation": "conv_1", "X-Chat-Turn": "turn_1" });
  };

  const reply = await client(fetch).stream("threads.create", {}, { key: "key_1" });

  assert.equal(headers["Idempotency-Key"], "key_1");
  assert.deepEqual([reply.threadId, reply.turnId], ["conv_1", "turn_1"]);
});

test("a refusal carries the problem's words and code", async () => {
  const problem = {
    title: "Too large",
    code: "too_large",
    detail: "At most 32,000 characters.",
    request_id: "req_1",
  };
  const fetch = async () => Response.json(problem, { status: 413, headers: { "Retry-After": "7" } });

  await assert.rejects(client(fetch).request("x", {}), (error) => {
    assert.ok(error instanceof RequestError);
    assert.deepEqual(
      [error.status, error.code, error.message, error.requestId, error.retryAfter],
      [413, "too_large", "At most 32,000 characters.", "req_1", 7],
    );
    return true;
  });
});

test("a refusal without words still says something", async () => {
  await assert.rejects(client(async () => new Response("<html>", { status: 502 })).request("x", {}), /502/);
});

test("a server that can't be reached is told apart from Stop", async () => {
  const unreachable = client(async () => {
    throw new TypeError("Failed to fetch");
  });
  // A page's own fetch has its reasons to give up, and its own words when it was stopped.
  const givesUp = client(async () => {
    throw new DOMException("", "AbortError");
  });
  const saysSo = client(async () => {
    throw new Error("cancelled");
  });
  const breaks = client(
    async () =>
      new Response(new ReadableStream({ pull: () => Promise.reject(new DOMException("", "AbortError")) })),
  );
  const { signal } = new AbortController();
  const stopped = { signal: AbortSignal.abort(), key: "k" };

  await assert.rejects(unreachable.request("x", {}), ConnectionError);
  await assert.rejects(givesUp.stream("x", {}, { signal, key: "k" }), ConnectionError);
  await assert.rejects(saysSo.stream("x", {}, stopped), isAbort);
  await assert.rejects((await breaks.stream("x", {}, { signal, key: "k" })).events().next(), ConnectionError);
  await assert.rejects((await breaks.stream("x", {}, stopped)).events().next(), isAbort);
});

test("a block that isn't an event is passed over", () => {
  assert.equal(parseEvent(": ping"), null);
  assert.equal(parseEvent("data: {broken"), null);
  assert.deepEqual(parseEvent('id: 7\ndata: {"type":\ndata: "a"}'), { type: "a" });
});
