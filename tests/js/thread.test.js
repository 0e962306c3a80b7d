import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answeringStaff,
  EMPTY,
  fromSnapshot,
  joins,
  pendingQuestions,
  pendingToolCall,
  reduce,
  staffOf,
  staffState,
  textOf,
  withEarlier,
  withoutItemsAfter,
} from "../../static/chatkit/thread.js";
import {
  added,
  assistantMessage,
  begun,
  delta,
  done,
  ended,
  removed,
  replaced,
  updated,
  userMessage,
} from "./events.js";

const play = (events, state = EMPTY) => events.reduce((now, event) => reduce(now, event, "turn_1"), state);
const texts = (state) => state.items.map(textOf);

test("a reply grows by its deltas and ends with what is stored", () => {
  const growing = play([added(assistantMessage("a", "")), delta("a", "Hel"), delta("a", "lo")]);
  const stored = play([done(assistantMessage("a", "Hello."))], growing);

  assert.deepEqual(texts(growing), ["Hello"]);
  assert.ok(growing.drafts.has("a"));
  assert.deepEqual(texts(stored), ["Hello."]);
  assert.equal(stored.drafts.size, 0);
});

test("a log that is read twice gives the same text once", () => {
  const log = [begun, added(assistantMessage("a", "")), delta("a", "One "), delta("a", "two"), ended];

  assert.deepEqual(texts(play([...log, ...log])), ["One two"]);
});

test("a second done for one id keeps the place", () => {
  const state = play([
    done(userMessage("u", "?")),
    done(assistantMessage("a", "1")),
    done(userMessage("v", "?")),
    done(assistantMessage("a", "2")),
  ]);

  assert.deepEqual(
    state.items.map(({ id }) => id),
    ["u", "a", "v"],
  );
  assert.deepEqual(texts(state), ["?", "2", "?"]);
});

test("done may come without added", () => {
  assert.deepEqual(texts(play([done(assistantMessage("a", "Hi"))])), ["Hi"]);
});

test("replaced swaps in place and removed takes away", () => {
  const state = play([done(assistantMessage("a", "1")), done(assistantMessage("b", "2"))]);

  assert.deepEqual(texts(play([replaced(assistantMessage("a", "new"))], state)), ["new", "2"]);
  assert.deepEqual(texts(play([removed("a"), removed("unknown")], state)), ["2"]);
});

test("thread.updated never clears the items", () => {
  const thread = { id: "t", title: "Bags", items: { data: [], has_more: false } };
  const state = play([done(userMessage("u", "?")), { type: "thread.updated", thread }]);

  assert.equal(state.items.length, 1);
  assert.equal(state.thread.title, "Bags");
  assert.ok(!("items" in state.thread));
});

test("missing content parts are padded", () => {
  const state = play([added({ id: "a", type: "assistant_message", content: [] }), delta("a", "late", 2)]);

  assert.deepEqual(
    state.items[0].content.map(({ text }) => text),
    ["", "", "late"],
  );
});

test("tasks of a workflow are added and updated in place", () => {
  const flow = { id: "w", type: "workflow", workflow: { type: "custom", tasks: [] } };
  const state = play([
    added(flow),
    updated("w", { type: "workflow.task.added", task_index: 0, task: { type: "custom", title: "Looking" } }),
    updated("w", { type: "workflow.task.updated", task_index: 0, task: { type: "custom", title: "Looked" } }),
    updated("w", { type: "workflow.task.added", task_index: 7, task: { type: "custom", title: "Far" } }),
  ]);

  assert.deepEqual(
    state.items[0].workflow.tasks.map(({ title }) => title),
    ["Looked", "Far"],
  );
});

test("a widget changes by root, by component and by streamed text", () => {
  const line = { type: "Text", id: "line", value: "On", streaming: true };
  const card = { type: "Card", children: [{ type: "Row", children: [line] }, { type: "Divider" }] };
  const first = play([added({ id: "w", type: "widget", widget: card })]);
  const grown = play(
    [
      updated("w", {
        type: "widget.streaming_text.value_delta",
        component_id: "line",
        delta: " time",
        done: true,
      }),
    ],
    first,
  );
  const swapped = play(
    [updated("w", { type: "widget.component.updated", component_id: "line", component: { type: "Badge" } })],
    grown,
  );
  const replacedRoot = play(
    [updated("w", { type: "widget.root.updated", widget: { type: "Basic" } })],
    swapped,
  );
  const unknown = updated("w", { type: "widget.component.updated", component_id: "no", component: line });

  assert.deepEqual(grown.items[0].widget.children[0].children[0], {
    ...line,
    value: "On time",
    streaming: false,
  });
  assert.equal(grown.items[0].widget.children[1], card.children[1]);
  assert.equal(swapped.items[0].widget.children[0].children[0].type, "Badge");
  assert.equal(replacedRoot.items[0].widget.type, "Basic");
  assert.equal(play([unknown], first).items[0], first.items[0]);
});

test("a turn runs from allow_cancel true to false, and turns that wait are counted", () => {
  const first = reduce(EMPTY, begun, "turn_1");
  const both = reduce(first, begun, "turn_2");
  const second = reduce(both, ended, "turn_1");

  assert.deepEqual(first.turns, ["turn_1"]);
  assert.deepEqual(both.turns, ["turn_1", "turn_2"]);
  assert.deepEqual(second.turns, ["turn_2"]);
  assert.deepEqual(reduce(second, ended, "turn_2").turns, []);
});

test("the end of the last turn leaves no draft behind", () => {
  const state = play([begun, added(assistantMessage("a", "half")), ended]);

  assert.equal(state.drafts.size, 0);
});

test("an error stays until the next turn begins", () => {
  const failed = play([begun, { type: "error", code: "custom", message: "Down.", allow_retry: true }, ended]);

  assert.deepEqual(failed.failure, {
    code: "custom",
    message: "Down.",
    allowRetry: true,
    turnId: "turn_1",
  });
  assert.equal(play([begun], failed).failure, null);
  // One of the staff answers without a turn.
  assert.equal(play([done(userMessage("u", "Are you there?"))], failed).failure, null);
});

test("progress shows until something else does", () => {
  const state = play([{ type: "progress_update", text: "Searching" }]);

  assert.equal(state.progress.text, "Searching");
  assert.equal(play([added(assistantMessage("a", ""))], state).progress, null);
});

test("a generated image comes in stages", () => {
  const state = play([
    added({ id: "i", type: "generated_image" }),
    updated("i", { type: "generated_image.updated", image: { id: "p", url: "/half.png" }, progress: 0.5 }),
    updated("i", { type: "generated_image.updated", image: { id: "p", url: "/most.png" } }),
  ]);

  assert.deepEqual(state.items[0].image, { id: "p", url: "/most.png" });
  assert.equal(state.items[0].progress, 0.5);
  assert.ok(state.drafts.has("i"));
});

test("what is hidden never shows, whichever way it comes", () => {
  const hidden = [
    { id: "h", type: "hidden_context_item", content: "secret" },
    { id: "s", type: "sdk_hidden_context", content: "secret" },
  ];
  const page = { data: hidden, has_more: false };
  const live = play(hidden.flatMap((item) => [added(item), done(item), replaced(item)]));

  assert.deepEqual(live.items, []);
  assert.deepEqual(fromSnapshot({ id: "t", items: page }).items, []);
  assert.deepEqual(withEarlier(EMPTY, page).items, []);
});

test("questions wait until they are answered, or the person writes something else", () => {
  const ask = {
    id: "q",
    type: "structured_input",
    inputs: [{ id: "1", type: "freeform", question: "Why?" }],
  };
  const asked = play([done(userMessage("u", "?")), done({ ...ask, status: "pending" })]);
  const answered = play([replaced({ ...ask, status: "answered" })], asked);
  const passed = play([done(userMessage("v", "Never mind"))], asked);

  assert.equal(pendingQuestions(asked).id, "q");
  assert.equal(pendingQuestions(answered), null);
  assert.equal(pendingQuestions(passed), null);
  assert.equal(pendingQuestions(play([added({ ...ask, status: "pending" })])), null);
  assert.equal(pendingQuestions(EMPTY), null);
});

test("lists that are none, or have holes, come in order", () => {
  const odd = { id: "o", type: "assistant_message", content: 7, attachments: [null, { id: "a" }, "b"] };

  for (const state of [
    play([added(odd)]),
    fromSnapshot({ id: "t", items: { data: [odd], has_more: false } }),
  ]) {
    assert.deepEqual(state.items[0].content, []);
    assert.deepEqual(state.items[0].attachments, [{ id: "a" }]);
  }
});

test("a message of the staff is told apart by the source that names its writer", () => {
  const source = { type: "entity", id: "staff", title: "Ada", data: { author: "staff", name: "Ada" } };
  const content = [
    { type: "output_text", text: "Hello", annotations: [null, { type: "annotation", source }] },
  ];

  assert.deepEqual(staffOf({ id: "s", type: "assistant_message", content }), { name: "Ada", event: "" });
  assert.equal(staffOf(assistantMessage("a", "Hello")), null);
  assert.equal(staffOf({ id: "w", type: "workflow" }), null);
});

test("who has the conversation joined last and hasn't left, where the server says so", () => {
  const came = (id, event) => {
    const source = {
      type: "entity",
      id: "staff",
      title: "Ada",
      data: { author: "staff", name: "Ada", event },
    };
    const content = [{ type: "output_text", text: "…", annotations: [{ type: "annotation", source }] }];
    return done({ id, type: "assistant_message", content });
  };
  const together = play([done(userMessage("u", "?")), came("j", "joined"), done(userMessage("v", "!"))]);

  assert.equal(answeringStaff(together).name, "Ada");
  assert.equal(answeringStaff(play([came("l", "left")], together)), null);
  assert.equal(staffState(together), "joined");
  assert.equal(staffState(play([came("l", "left")], together)), null);
  assert.equal(staffState(play([came("a", "asked"), done(userMessage("w", "?"))])), "asked");
});

test("only the last item can be a call that waits for the page", () => {
  const call = { id: "c", type: "client_tool_call", name: "locate", arguments: {}, status: "pending" };
  const waiting = play([done(userMessage("u", "?")), done(call)]);

  assert.equal(pendingToolCall(waiting).name, "locate");
  assert.equal(pendingToolCall(play([done({ id: "e", type: "end_of_turn" })], waiting)).id, "c");
  assert.equal(pendingToolCall(play([done(assistantMessage("a", "Well"))], waiting)), null);
  assert.equal(pendingToolCall(play([done({ ...call, status: "completed" })], waiting)), null);
});

test("unknown events, updates and items change nothing else", () => {
  const state = play([done({ id: "x", type: "from_the_future" })]);
  const after = play(
    [
      { type: "thread.danced" },
      updated("x", { type: "new.update" }),
      updated("nobody", { type: "a" }),
      added(undefined),
    ],
    state,
  );

  assert.deepEqual(after, state);
});

test("a snapshot shows its newest page, and earlier ones come before it", () => {
  const item = (id) => userMessage(id, id);
  const loaded = { id: "t", items: { data: [item("1")], has_more: true, after: "1" } };
  const state = fromSnapshot(loaded, { data: [item("4"), item("3")], has_more: true, after: "3" });
  const whole = withEarlier(state, { data: [item("3"), item("2"), item("1")], has_more: false });

  assert.deepEqual(texts(state), ["3", "4"]);
  assert.equal(state.earlier, "3");
  assert.deepEqual(texts(whole), ["1", "2", "3", "4"]);
  assert.equal(whole.earlier, null);
});

test("answering again drops what followed the message", () => {
  const state = play([
    done(userMessage("u", "?")),
    done(assistantMessage("a", "!")),
    done(userMessage("v", "?")),
  ]);

  assert.deepEqual(texts(withoutItemsAfter(state, "u")), ["?"]);
  assert.equal(withoutItemsAfter(state, "unknown"), state);
});

test("somebody of the staff joins once, and has the conversation until the assistant answers", () => {
  const says = (id, name) => ({
    id,
    type: "assistant_message",
    content: [
      {
        text: id,
        annotations: name ? [{ source: { type: "entity", data: { author: "staff", name } } }] : [],
      },
    ],
  });
  const asks = { id: "question", type: "user_message" };
  const items = [says("a"), says("b", "Ada"), asks, says("c", "Ada"), says("d", "Rui"), asks];

  assert.deepEqual(
    items.slice(0, 5).map((item) => item !== asks && item.id !== "a" && joins(item, { ...EMPTY, items })),
    [false, true, false, false, true],
  );
  assert.equal(answeringStaff({ ...EMPTY, items })?.name, "Rui");
  assert.equal(answeringStaff({ ...EMPTY, items: [...items, says("e")] }), null);
});
