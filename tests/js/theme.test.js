import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { themeProperties } from "../../static/chatkit/theme.js";

const FULL = {
  colorScheme: "dark",
  color: {
    grayscale: { hue: 220, tint: 6, shade: -4 },
    accent: { primary: "#0f172a", level: 1 },
    surface: { background: "#f8fafc", foreground: "#0f172a" },
  },
  radius: "round",
  density: "compact",
  typography: { baseSize: 16, fontFamily: "Inter", fontFamilyMono: "JetBrains Mono" },
};

test("each property of a theme is one that the style sheets use", async () => {
  const tokens = await readFile(new URL("../../static/chatkit/tokens.css", import.meta.url), "utf8");

  const names = Object.keys(themeProperties(FULL));

  assert.ok(names.length > 25);
  assert.deepEqual(
    names.filter((name) => !tokens.includes(`${name}:`)),
    [],
  );
});

test("what a theme leaves open stays as it is", () => {
  assert.deepEqual(themeProperties({}), {});
  assert.deepEqual(Object.keys(themeProperties({ density: "spacious" })), ["--density"]);
});

test("greys have the hue, more of it with each tint, and lighter papers with a lower shade", () => {
  const papers = (grayscale) => themeProperties({ color: { grayscale } })["--paper-2"];

  const blue = (day, night) =>
    `light-dark(oklch(from hsl(220 50% 50%) ${day} h), oklch(from hsl(220 50% 50%) ${night} h))`;
  assert.equal(papers({ hue: 220, tint: 0 }), blue("0.956 0", "0.258 0"));
  assert.equal(papers({ hue: 220, tint: 9, shade: -4 }), blue("0.972 0.0158", "0.314 0.0277"));
});

test("a higher level puts more of the accent into washes", () => {
  const bubble = (level) =>
    Number(/ (\d+)%/.exec(themeProperties({ color: { accent: { primary: "red", level } } })["--bubble"])[1]);

  assert.ok(bubble(0) < bubble(1) && bubble(1) < bubble(2) && bubble(2) < bubble(3));
});

test("words in the accent are dark by day and light by night, and areas have it as it is", () => {
  const accent = (background) =>
    themeProperties({
      color: {
        accent: { primary: "#2563eb", level: 2 },
        ...(background && { surface: { background, foreground: "#888" } }),
      },
    });
  const [day, night] = ["min(l, 0.48)", "max(l, 0.75)"].map((light) => `oklch(from #2563eb ${light} c h)`);

  assert.equal(accent()["--accent"], "#2563eb");
  assert.equal(accent()["--accent-text"], `light-dark(${day}, ${night})`);
  assert.equal(accent("#0b1220")["--accent-text"], night);
  assert.equal(accent("#fafafa")["--accent-text"], day);
});

test("a surface's second colour is its text, or what lies upon it where it couldn't be read", () => {
  const surface = (background, foreground) =>
    themeProperties({ color: { surface: { background, foreground } } });

  assert.equal(surface("#1f2937", "#f3f4f6")["--text"], "#f3f4f6");
  assert.equal(surface("rgb(31 41 55)", "white")["--text"], "white", "what can't be told is text");
  const raised = surface("#0d1117", "#1d222b");
  assert.equal(raised["--raised"], "#1d222b");
  assert.equal(raised["--text"], undefined);
  assert.match(raised["--border"], /var\(--ink-1\)/);
  assert.equal(surface("#fff", "#f4f4f5")["--raised"], "#f4f4f5");
});

test("the base size is that of the text one reads", () => {
  assert.equal(themeProperties({ typography: { baseSize: 15 } })["--type"], "1");
  assert.equal(themeProperties({ typography: { baseSize: 18 } })["--type"], "1.2");
});

test("nothing in the element is the airline's: its colours and its slip come by properties and parts", async () => {
  const folder = new URL("../../static/chatkit/", import.meta.url);
  const sources = (await readdir(folder, { recursive: true })).filter((name) => /\.(css|js)$/.test(name));

  assert.ok(sources.length > 100);
  for (const name of sources)
    assert.doesNotMatch(
      await readFile(new URL(name, folder), "utf8"),
      /\b(airline|linnet|petrol|slip|tear)/i,
      name,
    );
});
