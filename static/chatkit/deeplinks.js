/** Links that lead to the page itself: `chatkit-link://name?key=value`. */

const DEEPLINK = "chatkit-link://";

/** Return what a pressed link asks of the page, and keep the browser from following it.
 * @param {MouseEvent} event @returns {{name: string, data: Record<string, string>} | null} */
export function deeplinkOf(event) {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link?.href.startsWith(DEEPLINK)) return null;
  event.preventDefault();
  const address = link.href.replace(DEEPLINK, "https://");
  if (!URL.canParse(address)) return null;
  const { host, searchParams } = new URL(address);
  return { name: host, data: Object.fromEntries(searchParams) };
}
