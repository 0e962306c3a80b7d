import assert from "node:assert/strict";
import { test } from "node:test";
import { askedFor, edited, fromContent, inserted, NOTHING, toContent } from "../../static/chatkit/draft.js";

const ada = { id: "ada", title: "Ada" };
const write = (text) => edited(NOTHING, text, text.length);
/** "Ask @Ada about it": the tag stands from 4 to 8. */
const tagged = () => {
  const begun = inserted(write("Ask @a"), 4, 6, ada);
  return edited(begun, `${begun.text}about it`, begun.text.length + 8);
};
const shown = ({ text, tags }) => [text, ...tags.map(({ start, end }) => text.slice(start, end))];

test("a chosen entity takes the place of its query, with a space after it", () => {
  const { text, caret, tags } = inserted(write("Ask @a"), 4, 6, ada);

  assert.equal(text, "Ask @Ada ");
  assert.equal(caret, 9);
  assert.deepEqual(tags, [{ start: 4, end: 8, entity: ada }]);
  assert.equal(inserted(write("Ask  now"), 4, 4, ada).text, "Ask @Ada now");
});

test("a tag moves with what is written before it, and stays where it is otherwise", () => {
  const before = edited(tagged(), "Please Ask @Ada about it", 7);
  const after = edited(tagged(), "Ask @Ada about it!", 18);
  const at = edited(tagged(), "Ask @@Ada about it", 5);

  assert.deepEqual(shown(before), ["Please Ask @Ada about it", "@Ada"]);
  assert.deepEqual(shown(after), ["Ask @Ada about it!", "@Ada"]);
  assert.deepEqual(shown(at), ["Ask @@Ada about it", "@Ada"]);
});

test("deleting into a tag takes it away whole, writing into it makes it text", () => {
  const backspaced = edited(tagged(), "Ask @Ad about it", 7);
  const deleted = edited(tagged(), "Ask Ada about it", 4);
  const across = edited(tagged(), "A about it", 1);
  const overwritten = edited(tagged(), "Ask @Axda about it", 7);

  assert.deepEqual([backspaced.text, backspaced.caret, backspaced.tags], ["Ask  about it", 4, []]);
  assert.equal(deleted.text, "Ask  about it");
  assert.equal(across.text, "A about it");
  assert.deepEqual(shown(overwritten), ["Ask @Axda about it"]);
});

test("what is sent is text and tags in their order, and can be read back", () => {
  const content = toContent({ ...tagged(), text: `${tagged().text}  ` });

  assert.deepEqual(content, [
    { type: "input_text", text: "Ask " },
    { type: "input_tag", id: "ada", text: "Ada", data: {} },
    { type: "input_text", text: " about it" },
  ]);
  assert.deepEqual(shown(fromContent(content)), ["Ask @Ada about it", "@Ada"]);
  assert.deepEqual(toContent(write("  plain \n")), [{ type: "input_text", text: "plain" }]);
  assert.deepEqual(toContent(NOTHING), []);
});

test("@ and / ask only at the start of a word, and not within a tag", () => {
  assert.deepEqual(askedFor(write("Ask @ad"), 7), { kind: "@", query: "ad", start: 4, end: 7 });
  assert.deepEqual(askedFor(write("/"), 1), { kind: "/", query: "", start: 0, end: 1 });
  assert.equal(askedFor(write("me@example"), 10), null);
  assert.equal(askedFor(write("and/or"), 6), null);
  assert.equal(askedFor(write("@ad done"), 8), null);
  assert.equal(askedFor(tagged(), 8), null);
});
