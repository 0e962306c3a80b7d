/** Which addresses of a widget may be used. No DOM. */

/** A picture's address, or nothing: only what a browser shows as a picture, and only from where it may come.
 * @param {unknown} address @param {readonly string[] | null} domains null is everywhere @param {string} base
 * @returns {string} */
export function pictureAddress(address, domains, base) {
  if (typeof address !== "string") return "";
  if (/^data:image\/(?:png|jpe?g|gif|webp|avif|svg\+xml)[;,]/i.test(address)) return address;
  const url = URL.canParse(address, base) ? new URL(address, base) : null;
  if (!url || !/^(?:https?|blob):$/.test(url.protocol)) return "";
  const isOwn = url.origin === new URL(base).origin;
  return isOwn || !domains || domains.some((domain) => isWithin(url.hostname, domain)) ? url.href : "";
}

/** A domain allows itself and what is under it; `*.` before it says the same.
 * @param {string} host @param {string} domain */
function isWithin(host, domain) {
  const name = domain
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/^\*\./, "")
    .replace(/[:/].*$/, "");
  return name !== "" && (host === name || host.endsWith(`.${name}`));
}
