/**
 * What a rem of ours is in the page's: a page may mean another size by it than the reader set (`html { font-size: 62.5% }`),
 * and the chat is as large as it would be in a frame of its own. No DOM.
 */

let rem = 1;

/** Lengths as they are written here, as the page reads them.
 * @param {string} css @returns {string} */
export function inPage(css) {
  return rem === 1 ? css : css.replace(/([\d.]+)rem\b/g, (_, size) => `${size * rem}rem`);
}

/** One rem of ours is so many of the page's from now on.
 * @param {number} now @returns {boolean} whether that is new */
export function setRem(now) {
  const isNew = now !== rem;
  rem = now;
  return isNew;
}
