import assert from "node:assert/strict";
import { test } from "node:test";
import { GrowingMarkdown, toHtml, toPlainText } from "../../static/chatkit/markdown.js";

const SAMPLE = `# Trip

With **Light Plus** you may take:

- one bag
- one more

  with a paragraph

| Fee | Until |
|--:|---|
| 0 € | noon |

\`\`\`json
{"a": 1}

{"b": 2}
\`\`\`

1. first
2. second

See [the rules][1].

[1]: https://linnet.example/rules
`;

/** What would stand on the page after the text came in these pieces. */
function shown(text, pieceLength) {
  const reader = new GrowingMarkdown();
  let tokens = [];
  const take = ({ restart, settled }) => {
    tokens = restart ? [...settled] : [...tokens, ...settled];
  };
  for (let end = pieceLength; end < text.length; end += pieceLength) take(reader.grow(text.slice(0, end)));
  take(reader.finish(text));
  return toHtml(tokens);
}

test("however the text is cut, it ends as if it had been read at once", () => {
  const whole = shown(SAMPLE, SAMPLE.length);

  for (let length = 1; length < 60; length += 1)
    assert.equal(shown(SAMPLE, length), whole, `pieces of ${length}`);
});

test("only the end of a long text is read again", () => {
  const reader = new GrowingMarkdown();
  const paragraphs = Array.from({ length: 50 }, (_, at) => `Paragraph ${at}.\n\n`).join("");
  reader.grow(paragraphs);
  const { settled, tail } = reader.grow(`${paragraphs}More`);

  assert.ok(settled.length <= 2);
  assert.ok(tail.length <= 4);
});

test("a text that changed its past starts over", () => {
  const reader = new GrowingMarkdown();
  reader.grow("One\n\ntwo\n\nthree\n\nfour");

  assert.ok(reader.grow("Other").restart);
});

test("HTML of the model shows as text", () => {
  const { tail } = new GrowingMarkdown().grow('<img src=x onerror="alert(1)"> a <b>b</b>');

  assert.match(toHtml(tail), /&#60;img/);
  assert.doesNotMatch(toHtml(tail), /<(img|b)\b/);
});

test("a picture becomes a link", () => {
  const { tail } = new GrowingMarkdown().grow('![a "cat"](https://example.com/cat.png)');

  assert.doesNotMatch(toHtml(tail), /<img/);
  assert.match(toHtml(tail), /<a href="https:\/\/example.com\/cat.png">a &#34;cat&#34;<\/a>/);
});

test("headings stay below those of the page", () => {
  assert.match(toHtml(new GrowingMarkdown().grow("# One").tail), /<h3>One<\/h3>/);
});

test("what is read out has no marks", () => {
  assert.equal(toPlainText("## **Seat** `14A`\n- [rules](https://x.example) apply"), "Seat 14A\nrules apply");
});
