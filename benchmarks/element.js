/**
 * What the browser does for benchmarks/element.py: a made-up server, a thread of any length, replies of any size, and
 * the obvious page to compare with, which draws everything anew for each picture.
 */
() => {
  const PARAGRAPH =
    "Your flight **LN 418** leaves at 9:05 from gate *B12*; see the [rules](https://linnet.example/rules) for `bags`. ";
  const TABLE = "| What | Fee |\n|---|--:|\n| Cancel | 75 € |\n| Change | 40 € |\n\n";
  const CODE = '```json\n{"seat": "14A", "bag": 23}\n```\n\n';

  /** Markdown of about so many characters. */
  const markdown = (length) => {
    const parts = [`${PARAGRAPH.repeat(3)}\n\n`, "- one\n- two\n- three\n\n", TABLE, CODE];
    let text = "";
    for (let at = 0; text.length < length; at += 1) text += parts[at % parts.length];
    return text.slice(0, length);
  };
  /** Colours and formulas come after the words. */
  const AFTER = 500;
  const LINE = "Seat **14A** is *free* until `9:05`; see [the rules](https://linnet.example/rules) and ask. ";
  const cells = (number) => `| LN ${number} | Oslo | **Bergen** | ${number * 3} € |\n`;
  const python = (number) => `def seat_${number}(row: int) -> str:\n    """Name it."""\n    return f"{row}A"  # ${number}\n\n`;
  /** Replies of one kind: how each begins, and what its part of this number is. */
  const SHAPES = {
    table: ["| Flight | From | To | Fee |\n|---|---|---|--:|\n", cells],
    list: ["", (number) => `- Item ${number} with **bold** words\n`],
    "nested list": ["1. All of it\n", (number) => `${"   ".repeat(1 + (number % 3))}- Item ${number}\n`],
    code: ["```python\n", python],
    headings: ["", (number) => `## Part ${number} of *it*\n\n`],
    formulas: ["", (number) => `So $x_${number} = \\frac{a}{b}$ and\n\n$$\\sum_{k=0}^{${number}} k^2$$\n\n`],
    footnotes: ["", (number) => `Somebody says so[^${number}].\n\n[^${number}]: Source ${number}, *there*.\n\n`],
    "one paragraph": ["", () => LINE],
    quote: ["", (number) => `> Line ${number} of a *quote*.\n`],
    HTML: ["", (number) => `<div class="x"><p onclick="a()">Hello <b>${number}</b></p>\n<img src=x></div>\n`],
    "links and pictures": ["", (number) => `[Link](https://l.example/${number}) ![Cat](https://l.example/${number}.png) `],
  };

  /** A reply of this kind and length. */
  const shaped = (name, length) => {
    const [begin, part] = SHAPES[name];
    let text = begin;
    for (let number = 1; text.length < length; number += 1) text += part(number);
    return text;
  };
  const said = (at) => {
    const names = Object.keys(SHAPES);
    return bench.isMixed ? shaped(names[((at - 1) / 2) % names.length], 600) : markdown(600);
  };
  const message = (id, at) => ({
    id: `${id}_${at}`,
    type: at % 2 ? "assistant_message" : "user_message",
    created_at: "2026-11-21T09:00:00Z",
    content: [{ type: at % 2 ? "output_text" : "input_text", text: at % 2 ? said(at) : `Question ${at}?` }],
  });
  const threads = new Map();
  const thread = (id, length) => {
    if (!threads.has(id))
      threads.set(
        id,
        Array.from({ length }, (_, at) => message(id, at)),
      );
    return threads.get(id);
  };
  const page = (items, from, limit) => ({
    data: items.slice(from, from + limit),
    has_more: from + limit < items.length,
    after: items[Math.min(from + limit, items.length) - 1]?.id ?? null,
  });
  const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

  /** How the next replies come, of which shape; and whether the messages of threads have all of them. */
  const bench = { length: 20_000, piece: 50, pause: 10, replies: 0, shape: "", shapes: Object.keys(SHAPES), isMixed: false };

  async function* events(id) {
    bench.replies += 1;
    const item = { id: `${id}_reply_${bench.replies}`, type: "assistant_message", created_at: "2026-11-21T09:00:00Z" };
    const text = bench.shape ? shaped(bench.shape, bench.length) : markdown(bench.length);
    const part = (words) => ({ type: "output_text", text: words, annotations: [] });
    const own = { ...message(id, 0), id: `${item.id}_asked` };
    yield { type: "thread.item.done", item: own };
    yield { type: "stream_options", stream_options: { allow_cancel: true } };
    yield { type: "thread.item.added", item: { ...item, content: [part("")] } };
    for (let at = 0; at < text.length; at += bench.piece) {
      await later(bench.pause);
      const update = { type: "assistant_message.content_part.text_delta", content_index: 0 };
      yield { type: "thread.item.updated", item_id: item.id, update: { ...update, delta: text.slice(at, at + bench.piece) } };
    }
    const done = { ...item, content: [part(text)] };
    if (lengthOf(id)) thread(id, 0).push(own, done);
    yield { type: "thread.item.done", item: done };
  }

  function streamed(id, isNew) {
    const source = events(id);
    const write = (event) => new TextEncoder().encode(`data: ${JSON.stringify(event)}\n\n`);
    return new Response(
      new ReadableStream({
        start: (to) => isNew && to.enqueue(write({ type: "thread.created", thread: { id, title: id } })),
        async pull(to) {
          const { done, value } = await source.next();
          if (done) to.close();
          else to.enqueue(write(value));
        },
      }),
    );
  }

  const lengthOf = (id) => Number(/^long_(\d+)/.exec(id)?.[1] ?? 0);
  const answers = {
    "threads.list": () => ({ data: [], has_more: false }),
    "threads.get_by_id": ({ thread_id: id }) => ({ id, title: id, items: page(thread(id, lengthOf(id)), 0, 20) }),
    "items.list": ({ thread_id: id, after, limit }) => {
      const newest = thread(id, lengthOf(id)).toReversed();
      return page(newest, after ? newest.findIndex((item) => item.id === after) + 1 : 0, limit);
    },
  };
  bench.fetch = async (_url, { body }) => {
    const { type, params } = JSON.parse(body);
    if (type === "threads.create") return streamed(`new_${bench.replies}`, true);
    if (type === "threads.add_user_message") return streamed(params.thread_id, false);
    return Response.json(answers[type](params));
  };

  const chat = document.querySelector("openai-chatkit");
  const shadow = () => chat.shadowRoot;
  const until = async (isSo) => {
    while (!isSo()) await frame();
  };
  bench.start = () => {
    chat.setOptions({ api: { url: "/bench", domainKey: "", fetch: bench.fetch }, locale: "en", history: { enabled: false } });
    return chat.setThreadId(null);
  };
  /** Open a thread; return how long it took until its last message could be read. */
  bench.open = async (id) => {
    const begun = performance.now();
    chat.setThreadId(id);
    await until(() => shadow().querySelector(".turn:last-child .prose"));
    await frame();
    return performance.now() - begun;
  };
  /** Scroll to the beginning, so that all of the thread is there. */
  bench.loadAll = async () => {
    const box = shadow().querySelector(".chat__scroll");
    while (shadow().querySelector(".thread__earlier")) {
      box.scrollTop = -box.scrollHeight;
      await frame();
    }
    box.scrollTop = 0;
    await frame();
    return shadow().querySelectorAll(".turn").length;
  };
  /** Ask, and read the whole reply; return the long tasks meanwhile, in ms. */
  bench.reply = async (text = "Tell me more") => {
    const tasks = [];
    const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
    observer.observe({ type: "longtask" });
    const ended = new Promise((resolve) => chat.addEventListener("chatkit.response.end", resolve, { once: true }));
    chat.sendUserMessage({ text });
    await ended;
    await later(AFTER);
    tasks.push(...observer.takeRecords().map(({ duration }) => duration));
    observer.disconnect();
    return tasks;
  };

  /** The obvious page: each picture is everything, parsed and made anew. */
  bench.plain = async (id, isStreamed) => {
    const { marked } = await import("marked");
    const { default: purify } = await import("dompurify");
    const host = document.createElement("div");
    host.className = "plain";
    document.body.replaceChildren(host);
    const items = [...thread(id, lengthOf(id))];
    const draw = () => {
      host.replaceChildren(
        ...items.map(({ content: [{ text }] }) => {
          const each = document.createElement("section");
          each.append(purify.sanitize(marked.parse(text), { RETURN_DOM_FRAGMENT: true }));
          return each;
        }),
      );
      host.scrollTop = host.scrollHeight;
    };
    const begun = performance.now();
    draw();
    await frame();
    const opened = performance.now() - begun;
    if (!isStreamed) return opened;
    let isDrawn = true;
    for await (const event of events(id)) {
      if (event.type === "thread.item.added") items.push(structuredClone(event.item));
      if (!event.update) continue;
      items.at(-1).content[0].text += event.update.delta;
      if (isDrawn)
        requestAnimationFrame(() => {
          draw();
          isDrawn = true;
        });
      isDrawn = false;
    }
    await frame();
    return opened;
  };
  globalThis.bench = bench;
};
