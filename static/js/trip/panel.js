/** The panel beside the chat, and on smaller screens the drawer that its button opens. */

import { render } from "lit/html.js";
import { filled, texts } from "../texts.js";
import { CustomerProfile } from "./profile.js";
import { failureView, tripView } from "./view.js";

const BESIDE = matchMedia("(min-width: 75rem)");

/** Show the customer's trip beside a chat, and follow every change of it. @param {EventTarget} chat */
export function startTrip(chat) {
  const panel = document.getElementById("trip");
  const body = document.getElementById("trip-body");
  if (!panel || !body) return;
  const icons = panel.dataset.icons ?? "";
  const profile = new CustomerProfile(
    (now, before) => {
      render(tripView(now, { icons, now: new Date() }), body);
      showReference(now.booking_reference);
      if (before) announce(now.timeline[0]?.entry ?? "");
    },
    () =>
      render(
        failureView(() => profile.read()),
        body,
      ),
  );
  profile.follow(chat);
  profile.read();
  document.addEventListener("visibilitychange", () => document.hidden || profile.read());
  startDrawer(panel);
}

/** @param {string} reference */
function showReference(reference) {
  const button = document.getElementById("trip-reference");
  const words = button?.querySelector("span");
  if (!button || !words) return;
  words.textContent = reference;
  button.setAttribute("aria-label", filled(texts.copyCode, { code: reference }));
  button.hidden = false;
  button.onclick = async () => {
    await navigator.clipboard.writeText(reference);
    announce(texts.codeCopied);
  };
}

/** Tell what changed to those who don't see it, and mark the button while the drawer is closed.
 * @param {string} words */
function announce(words) {
  const status = document.getElementById("trip-news");
  if (status) status.textContent = words;
  const drawer = /** @type {HTMLDialogElement | null} */ (document.getElementById("trip-drawer"));
  markNews(!BESIDE.matches && !drawer?.open);
}

/** Say on the button, by a dot and in words, that the drawer has something new. @param {boolean} isNew */
function markNews(isNew) {
  const button = document.getElementById("trip-button");
  button?.toggleAttribute("data-news", isNew);
  button?.setAttribute("aria-label", isNew ? texts.yourTripChanged : texts.yourTrip);
}

/** Keep the panel in the page where there is room, and in the drawer where there is none.
 * @param {HTMLElement} panel */
function startDrawer(panel) {
  const home = /** @type {HTMLElement} */ (panel.parentElement);
  const drawer = /** @type {HTMLDialogElement} */ (document.getElementById("trip-drawer"));
  const button = document.getElementById("trip-button");
  const place = () => {
    if (BESIDE.matches && drawer.open) drawer.close();
    (BESIDE.matches ? home : drawer).append(panel);
  };
  button?.addEventListener("click", () => {
    markNews(false);
    drawer.showModal();
  });
  document.getElementById("trip-close")?.addEventListener("click", () => drawer.close());
  // A press on the veil: the drawer's own box begins where its panel does.
  drawer.addEventListener("click", (event) => event.target === drawer && drawer.close());
  BESIDE.addEventListener("change", place);
  place();
}
