/** The gallery: each sample in light, in dark and from right to left, with its JSON. */

import { html, render } from "lit/html.js";
import { en } from "/static/chatkit/locales/en.js";
import { sheets } from "/static/chatkit/sheets.js";
import { widget } from "/static/chatkit/widgets/item.js";

const LOOKS = [
  { name: "Light", scheme: "light", dir: "ltr", language: "en-GB" },
  { name: "Dark", scheme: "dark", dir: "ltr", language: "en-GB" },
  { name: "Right to left", scheme: "light", dir: "rtl", language: "ar" },
];
const asked = new URLSearchParams(location.search);

/** What went wrong in a widget; the tests read it. */
window.failures = [];

document.body.dataset.font = asked.get("font") ?? "";
const samples = await (await fetch("/elsewhere/samples.json")).json();
const shown = samples.filter(({ name }) => !asked.get("only") || name.startsWith(asked.get("only")));
render(shown.map(section), document.getElementById("gallery"));
for (const place of document.querySelectorAll(".look")) show(place);
document.body.dataset.isReady = "";

function section({ name, note, widget: root }, at) {
  return html`<section aria-labelledby="sample-${at}">
    <h2 id="sample-${at}">${name}</h2>
    <p>${note}</p>
    <div class="looks">
      ${LOOKS.filter(({ name }) => !asked.get("look") || name === asked.get("look")).map(
        (look) =>
          html`<div class="look" data-theme=${look.scheme} dir=${look.dir} .sample=${{ root, look }}></div>`,
      )}
    </div>
    <details><summary>JSON of ${name}</summary><pre tabindex="0">${JSON.stringify(root, null, 2)}</pre></details>
  </section>`;
}

/** Each has a shadow root of its own, as in the element. */
function show(place) {
  const { root, look } = place.sample;
  const shadow = place.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [...sheets];
  const tell = async (action) => {
    shadow.querySelector("output").textContent = JSON.stringify(action);
  };
  const host = {
    strings: en,
    language: look.language,
    imageDomains: ["linnet.example"],
    send: tell,
    onAction: tell,
    failed: (error) => window.failures.push(String(error)),
  };
  const item = { id: "sample", type: "widget", widget: root };
  render(
    html`<div class="widget" tabindex="-1" ${widget(item, host)}></div><output class="quiet"></output>`,
    shadow,
  );
}
