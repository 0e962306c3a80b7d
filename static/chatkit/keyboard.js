/**
 * A phone's keyboard that lies over the page instead of making it smaller: the chat ends where it begins.
 */

/** Less than this is a bar of the browser, not a keyboard. */
const LEAST_PX = 120;

/** How much of an element a keyboard covers.
 * @param {number} bottom of the element, in the window @param {number} windowHeight
 * @param {{scale: number, height: number, offsetTop: number}} view what of the window can be seen
 * @returns {number} */
export function coveredHeight(bottom, windowHeight, { scale, height, offsetTop }) {
  const keyboard = windowHeight - height;
  if (scale > 1 || keyboard < LEAST_PX) return 0;
  return Math.max(0, Math.min(keyboard, Math.round(bottom - offsetTop - height)));
}

/** Keep an element's custom property `--covered` at what a keyboard covers of it.
 * @param {HTMLElement} element @param {AbortSignal} signal ends it */
export function followKeyboard(element, signal) {
  const view = globalThis.visualViewport;
  const fit = () => {
    const covered = view ? coveredHeight(element.getBoundingClientRect().bottom, innerHeight, view) : 0;
    if (covered) element.style.setProperty("--covered", `${covered}px`);
    else element.style.removeProperty("--covered");
  };
  view?.addEventListener("resize", fit, { signal });
  view?.addEventListener("scroll", fit, { signal });
}
