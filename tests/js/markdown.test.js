import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { complete } from "../../static/chatkit/dialect.js";
import {
  GrowingMarkdown,
  LONG,
  SLICE,
  toHtml,
  toPlainText,
  whatNeeds,
} from "../../static/chatkit/markdown.js";

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

test("what looks like a note's words, and is code, leaves its number as it was written", () => {
  const text =
    "See[^a], [^b].\n\nMore.\n\n```\n[^a]: not a note\n```\n\nEven more.\n\nLast.\n\n[^b]: A note.\n";
  const whole = shown(text, text.length);

  assert.match(whole, /See\[\^a\]/);
  for (let length = 1; length < 40; length += 1) assert.equal(shown(text, length), whole);
});

test("a piece at a time, formulas with marks in them, links defined in lists and notes in the middle of lines are the same", () => {
  const sum = "The sum:\n\n$$\nx\n+ y\n- z\n> 0\n$$\n\nAnd it is.\n\nMore.\n\nLast.\n";
  const defined = "- a\n\n  [x]: https://a.example/\n\nMore.\n\nEven more.\n\nSee [x].\n\nLast.\n";
  const noted = "One\n   [^a] word, two[^a]: that.\n\nMore.\n\nLast.\n\n[^a]: Said.\n";
  for (const text of [sum, defined, noted]) {
    const whole = shown(text, text.length);
    for (let length = 1; length < 40; length += 1) assert.equal(shown(text, length), whole);
  }

  assert.match(shown(sum, 1), /<div class="math">x\n\+ y\n- z\n&#62; 0<\/div>/);
  assert.match(shown(defined, 1), /See <a href="https:\/\/a.example\/">x<\/a>/);
  assert.doesNotMatch(shown(noted, 1), /<br>\s*<br>|<p>:/);
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
  assert.match(toHtml(tail), /<a class="image" href="https:\/\/example.com\/cat.png">a &#34;cat&#34;<\/a>/);
});

/** What a page would say, without its spaces. */
const wordsOf = (html) =>
  html
    .replace(/<[^>]*>/g, " ")
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
    .replace(/&(lt|gt|quot|amp);/g, (_, name) => ({ lt: "<", gt: ">", quot: '"', amp: "&" })[name])
    .replace(/\s+/g, "");

test("whatever has come of a document, it shows the start of what it becomes, and never less than before", () => {
  const document = readFileSync(new URL("document.md", import.meta.url), "utf8");
  const whole = wordsOf(toHtml(new GrowingMarkdown().finish(document).settled));
  const reader = new GrowingMarkdown();
  const tokens = [];
  let before = "";

  for (let end = 1; end <= document.length; end += 1) {
    const { settled, tail } = reader.grow(document.slice(0, end));
    tokens.push(...settled);
    const words = wordsOf(toHtml([...tokens, ...tail]));
    const came = JSON.stringify(document.slice(0, end).slice(-40));
    assert.ok(whole.startsWith(words), `after ${came} it shows ${words.slice(-40)}`);
    assert.ok(words.length >= before.length, `after ${came} it shrinks to ${words.slice(-40)}`);
    before = words;
  }
});

const html = (text) => toHtml(new GrowingMarkdown().finish(text).settled);
const draft = (text) => toHtml(new GrowingMarkdown().grow(text).tail);

test("a table shows when its second line is complete, not before", () => {
  for (const half of ["| Fee", "| Fee | Until |", "| Fee | Until |\n|--", "Fee | Until\n--"])
    assert.equal(draft(half), "");
  assert.match(draft("| Fee | Until |\n|---|---|\n"), /<table>/);
  assert.match(draft("| not | a table |\nbut words"), /not \| a table/);
});

test("formulas are told from sums of money", () => {
  const formulas = (text) => [...html(text).matchAll(/class="math">(.*?)</g)].map(([, formula]) => formula);

  assert.deepEqual(formulas("$x^2$, \\(y\\) and $2x$"), ["x^2", "y", "2x"]);
  assert.deepEqual(formulas("$$\na + b\n$$\n\n\\[ c \\]"), ["a + b", "c"]);
  assert.deepEqual(formulas("It costs $5 or $10, US$ 3, $1,000 and $2,000, or $HOME."), []);
  assert.deepEqual(formulas("`$x$` and \\$x$"), []);
  assert.match(draft("so $5 it is"), /so \$5 it is/);
  assert.doesNotMatch(draft("so $x^2 + y"), /\$/);
});

test("footnotes are numbered as they are met and stand under the text", () => {
  const text = "One[^b] two[^a] one again[^b], none[^c].\n\n[^a]: Second.\n[^b]: First *note*.\n\nEnd.";

  const shown = html(text);

  assert.deepEqual([...shown.matchAll(/noteref">(\d)/g)].map(([, number]) => number).join(""), "121");
  assert.match(shown, /none\[\^c\]/);
  assert.match(
    shown,
    /End\.<\/p>\s*<p class="note"><sup>1<\/sup> First <em>note<\/em>\.<\/p>\s*<p class="note"><sup>2/,
  );
});

test("headings stay below those of the page", () => {
  assert.match(toHtml(new GrowingMarkdown().grow("# One").tail), /<h3>One<\/h3>/);
});

test("what is read out has no marks", () => {
  assert.equal(toPlainText("## **Seat** `14A`\n- [rules](https://x.example) apply"), "Seat 14A\nrules apply");
});

test("a text that nests without end shows somehow, and breaks nothing", () => {
  for (const mark of ["**a ", "> ", "- ", "[", "*a", "_a ", "![", "$a"]) {
    const text = mark.repeat(3000);
    assert.doesNotThrow(() => draft(text), mark);
    assert.notEqual(html(text), "", mark);
  }
});

test("no text keeps the reader busy, and none of it is lost", () => {
  const many = (words, count) => words.repeat(count);
  const texts = {
    emphasis: many("_a_", 20_000),
    "open emphasis": many("**a ", 15_000),
    mixed: `${many("*_", 30_000)}a`,
    brackets: many("[", 60_000),
    links: many("[a](", 15_000),
    pictures: many("![", 30_000),
    stars: many("*", 60_000),
    tags: many("<", 60_000),
    dollars: many("$", 60_000),
    formulas: many("\\[ a\n", 12_000),
    code: many("`a``b", 12_000),
    quotes: `${many(">", 10_000)} a`,
    lists: `${many("- ", 10_000)}a`,
    "one line": many("word ", 40_000),
    "one word": many("w", 200_000),
    table: `|a|b|\n|-|-|\n${many("|c|d|\n", 2500)}`,
  };
  for (const [name, text] of Object.entries(texts)) {
    const before = process.cpuUsage();
    const reader = new GrowingMarkdown();
    for (const share of [0.5, 1]) toHtml(reader.grow(text.slice(0, text.length * share)).tail);
    const html = toHtml(new GrowingMarkdown().finish(text).settled);
    toPlainText(text);
    const { user, system } = process.cpuUsage(before);

    assert.ok(user + system < 2_500_000, `${name}: ${user} µs`);
    assert.equal(count(html, "a"), count(text, "a"), name);
  }
});

test("each piece of a line without end costs as little as the first", () => {
  const lines = [
    "So **much** of it, and more. ",
    "word ",
    "[",
    "a",
    "😀",
    "漢字。",
    "or - 1. a # b | c ",
    "_a_ ",
    "https://a.example/b ",
  ];
  for (const line of lines) {
    const text = line.repeat(60_000 / line.length);
    const reader = new GrowingMarkdown();
    const settled = [];
    for (let end = 7; end < text.length; end += 497) {
      const grown = reader.grow(text.slice(0, end));
      assert.equal(grown.restart, false, line);
      settled.push(...grown.settled);
      const drawn = grown.tail.reduce((length, { raw }) => length + raw.length, 0);
      assert.ok(drawn < 14_000, `${line}: ${drawn} characters are drawn again at ${end}`);
    }
    const finished = reader.finish(text);
    const whole = [...settled, ...finished.settled].map(({ raw }) => raw).join("");
    assert.equal(finished.restart, false, line);
    assert.equal(whole, text);
    assert.doesNotMatch(toHtml([...settled, ...finished.settled]), /\p{Surrogate}/u, line);
  }
});

test("a long paragraph is read in pieces that end between words", () => {
  const text = "So **much** of it. ".repeat(500);

  const html = new GrowingMarkdown().finish(text).settled;

  assert.equal(toHtml(html).match(/<strong>much<\/strong>/g)?.length, 500);
});

/** What stands in a block, however many parts it came in: its rows, items and lines with their words. */
const partsOf = (html) =>
  html
    .replace(/<thead>[\s\S]*?<\/thead>|<li class="more">/g, "")
    .match(/<(tr|li|p|pre)\b|[^<>\s]+(?=[^<>]*(<|$))/g)
    .filter((part) => !/^<(pre|p)|^class=|^start=/.test(part))
    .join(" ");

test("a long block is read in parts, and each costs as little as the first", async () => {
  await whatNeeds("a".repeat(LONG + 1));
  const many = (part) => Array.from({ length: 700 }, (_, at) => part(at)).join("");
  const blocks = {
    table: `| A | B |\n|---|--:|\n${many((at) => `| a${at} | **b${at}** |\n`)}`,
    list: many((at) => `- Item **${at}**\n`),
    numbers: many((at) => `${at + 1}. Item\n   with a line\n`),
    "loose list": many((at) => `- Item ${at}\n\n  and more of ${at}\n\n`),
    nested: many((at) => `${"  ".repeat(at % 5)}- Item ${at}\n`),
    "inside of one": `1. All\n${many((at) => `${"   ".repeat(1 + (at % 3))}- Item ${at}\n`)}`,
    quote: many((at) => `> Line ${at}\n>\n`),
    "quoted list": many((at) => `> - Line ${at}\n`),
    code: `\`\`\`python\n${many((at) => `x${at} = ${at}\n\n`)}\`\`\`\n`,
    "code in a list": `- a\n\n  \`\`\`py\n${many((at) => `  x${at} = ${at}\n`)}  \`\`\`\n`,
    "table in a quote": `> | A | B |\n> |---|---|\n${many((at) => `> | a${at} | b |\n`)}`,
  };
  for (const [name, block] of Object.entries(blocks)) {
    const text = `Before.\n\n${block}\nAfter it.\n`;
    const reader = new GrowingMarkdown();
    const settled = [];
    for (let end = 97; end < text.length; end += 97) {
      const grown = reader.grow(text.slice(0, end));
      settled.push(...grown.settled);
      const drawn = grown.tail.reduce((length, { raw }) => length + raw.length, 0);
      assert.ok(drawn < LONG * 1.5, `${name}: ${drawn} characters are drawn again at ${end}`);
    }
    const finished = reader.finish(text);
    const whole = toHtml(complete.lexer(text));

    assert.equal(finished.restart, false, name);
    assert.ok(partsOf(toHtml([...settled, ...finished.settled])) === partsOf(whole), name);
  }
});

test("of a list that is read in parts each goes on with its numbers", async () => {
  await whatNeeds("a".repeat(LONG + 1));
  const reader = new GrowingMarkdown();
  const { settled, tail } = reader.grow("1. Every one is the first.\n".repeat(200));

  const [list] = tail;
  assert.equal(list.start, 1 + settled[0].items.length);
  assert.match(toHtml(tail), /^<ol class="more" start="199">/);
});

test("a long text knows what is defined at its end, whatever slice it is read in", () => {
  const text = `See [it][1] and that[^n], not this[^m].\n\n${"Words.\n\n".repeat(SLICE / 4)}[1]: https://a.example/\n\n[^n]: Said.\n`;
  const whole = toHtml(new GrowingMarkdown().finish(text).settled);
  const reader = GrowingMarkdown.of(text);
  const settled = [];
  for (let end = SLICE; end < text.length; end += SLICE)
    settled.push(...reader.grow(text.slice(0, end)).settled);
  settled.push(...reader.finish(text).settled);

  assert.equal(toHtml(settled), whole);
  assert.match(
    whole,
    /<a href="https:\/\/a.example\/">it<\/a> and that<sup class="noteref">1<\/sup>, not this\[\^m\]/,
  );

  const grown = new GrowingMarkdown();
  grown.grow(text.slice(0, SLICE));
  assert.equal(grown.mustReadAgain(text), true);
  assert.equal(toHtml(grown.finish(text).settled), whole);
});

/** @param {string} text @param {string} letter */
function count(text, letter) {
  return text.replace(/<[^>]*>/g, "").split(letter).length;
}
