import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { en } from "../../static/chatkit/locales/en.js";
import { chooseLocale, directionOf, LANGUAGES, loadTexts } from "../../static/chatkit/locales/index.js";
import { pluralIn } from "../../static/chatkit/locales/plural.js";

/** Texts that may read the same in another language. */
const SHARED = new Set([
  "chat",
  "code",
  "message",
  "name",
  "reference",
  "conversation",
  "conversations",
  "sources",
]);
const TYPES = new URL("../../node_modules/@openai/chatkit/types/index.d.ts", import.meta.url);

/** What a text says, whatever it is asked about. */
const said = (text) => (typeof text === "function" ? text("5", "5", "5") : text);

for (const name of Object.keys(LANGUAGES)) {
  test(`${name} says everything that English says`, async () => {
    const texts = await loadTexts(name);

    assert.deepEqual(Object.keys(texts).sort(), Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) {
      assert.equal(typeof texts[key], typeof text, key);
      if (typeof said(text) !== "string") continue;
      assert.ok(said(texts[key]).trim(), `${key} is empty`);
      if (name !== "en" && !SHARED.has(key))
        assert.notEqual(said(texts[key]), said(text), `${key} is English`);
    }
  });
}

test("a locale without texts of its own finds the nearest that has", () => {
  const textsOf = (asked, ...preferred) => chooseLocale(asked, preferred).texts;

  assert.equal(textsOf("de-AT"), "de");
  assert.equal(textsOf("pt-PT"), "pt");
  assert.equal(textsOf("es-419"), "es");
  assert.equal(textsOf("zh"), "zh-Hans");
  assert.equal(textsOf("zh-TW"), "zh-Hant");
  assert.equal(textsOf("zh-HK"), "zh-Hant");
  assert.equal(textsOf(undefined, "fr-CA", "en"), "fr");
  assert.equal(textsOf("so-SO", "ja-JP"), "ja");
  assert.equal(textsOf("so-SO"), "en");
  assert.equal(textsOf("not a locale", "de"), "de");
});

test("dates and numbers keep the country, and always a language that Intl knows", () => {
  assert.equal(chooseLocale("de-AT", ["en-US"]).language, "de-AT");
  assert.equal(chooseLocale("en", ["de", "en-GB"]).language, "en-GB");
  assert.equal(chooseLocale("so-SO", []).language, "en");
  assert.doesNotThrow(() => new Intl.DateTimeFormat(chooseLocale("not a locale", []).language));
});

test("the server is told what was asked for, though the texts are in another language", () => {
  assert.equal(chooseLocale("sv-SE", ["de"]).wanted, "sv-SE");
});

test("every locale that ChatKit publishes can be spoken", async () => {
  const types = await readFile(TYPES, "utf8");
  const published = types.slice(types.indexOf("type TranslatedLocale"), types.indexOf("A Web Component"));
  const locales = [...published.matchAll(/\| '([\w-]+)'/g)].map(([, locale]) => locale);

  assert.ok(locales.length > 100);
  for (const locale of locales) assert.ok(LANGUAGES[chooseLocale(locale, []).texts], locale);
});

test("Arabic runs from right to left, with or without its country", () => {
  assert.equal(directionOf("ar"), "rtl");
  assert.equal(directionOf("ar-EG"), "rtl");
  assert.equal(directionOf("de"), "ltr");
});

test("a count takes the form that its language asks for", () => {
  const forms = { one: "# file", two: "# files (2)", few: "# files (few)", other: "# files" };

  assert.equal(pluralIn("en")(1, forms), "1 file");
  assert.equal(pluralIn("en")(1200, forms), "1,200 files");
  assert.equal(pluralIn("ar")(2, { ...forms }), "2 files (2)");
  assert.equal(pluralIn("ja")(1, forms), "1 files");
});
