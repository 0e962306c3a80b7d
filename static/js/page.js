/** The page around the chat: its title, colours, address and the way back. */

import { texts } from "./texts.js";

const YEAR_SECONDS = 31_536_000;

/** @typedef {{userId: string, name: string, site: string, locale: import("@openai/chatkit").SupportedLocale | "", dictates: boolean, domainKey: string,
 *   csrfToken: string, models: {id: string, label: string}[], start: import("../chatkit/types.js").Options["startScreen"] | null}} Config */

/** Read what the server says of this page. @returns {Config} */
export function readConfig() {
  return JSON.parse(document.getElementById("chat-config")?.textContent ?? "{}");
}

/** Return the composer's models, the first one selected, where the site offers a choice.
 * @param {Config} config @returns {{models?: {id: string, label: string, default?: boolean}[]}} */
export function modelChoice({ models = [] }) {
  return models.length ? { models: models.map((model, index) => ({ ...model, default: index === 0 })) } : {};
}

/** Return the id of the thread that the address names. @returns {string | null} */
export function threadInAddress() {
  return /^\/c\/([^/]+)$/.exec(location.pathname)?.[1] ?? null;
}

/** Let the address name the thread that is shown. @param {string | null} threadId */
export function nameThreadInAddress(threadId) {
  if (threadId === threadInAddress()) return;
  history.pushState(null, "", threadId ? `/c/${encodeURIComponent(threadId)}` : "/");
}

/** Who signs in next in this tab finds nothing that the last one was writing. */
export function forgetWritingOnLeave() {
  document.querySelector("form[data-leaves]")?.addEventListener("submit", () => {
    for (const name of Object.keys(sessionStorage))
      if (name.startsWith("chatkit")) sessionStorage.removeItem(name);
  });
}

/** @param {string | null | undefined} title @param {string} site */
export function showTitle(title, site) {
  const heading = document.getElementById("chat-title");
  if (heading) heading.textContent = title || texts.untitled;
  document.title = `${title || texts.untitled} – ${site}`;
}

/** Make the switch between light and dark work; a cookie lets the server draw the next page right at once. */
export function startThemeSwitch() {
  const root = document.documentElement;
  const button = document.getElementById("theme-button");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const label = () => button?.setAttribute("aria-label", isDark() ? texts.useLight : texts.useDark);
  button?.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    // biome-ignore lint/suspicious/noDocumentCookie: the server reads it; CookieStore is not everywhere
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
    label();
  });
  system.addEventListener("change", label);
  label();
}
