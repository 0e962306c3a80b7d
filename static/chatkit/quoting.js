/**
 * Quoting by selecting: where text of the conversation is selected, a button offers to answer it.
 */

const LONGEST_QUOTE = 2000;

/** @typedef {{text: string, x: number, top: number, bottom: number}} Quotable what is selected, and where it ends in the
 *  window */

/** Return what is selected in the conversation; null where nothing is, or something else.
 * @param {ShadowRoot} root @returns {Quotable | null} */
export function selectedText(root) {
  const range = selectedRange(root);
  if (!range || range.collapsed) return null;
  const { startContainer, endContainer } = range;
  const log = root.querySelector(".chat__scroll");
  if (!log?.contains(startContainer) || !log.contains(endContainer)) return null;
  const text = range.toString().trim().slice(0, LONGEST_QUOTE);
  const box = [...range.getClientRects()].at(-1);
  return text && box ? { text, x: box.right, top: box.top, bottom: box.bottom } : null;
}

/** Browsers differ in how they tell of a selection within a shadow tree.
 * @param {ShadowRoot} root @returns {Range | null} */
function selectedRange(root) {
  const own = /** @type {ShadowRoot & {getSelection?: () => Selection | null}} */ (root).getSelection?.();
  const selection = own ?? document.getSelection();
  if (!selection?.rangeCount) return null;
  const composed = own ? undefined : composedRange(selection, root);
  if (!composed) return selection.getRangeAt(0);
  const range = document.createRange();
  range.setStart(composed.startContainer, composed.startOffset);
  range.setEnd(composed.endContainer, composed.endOffset);
  return range;
}

/** Safari's first version of this takes its roots in another way.
 * @param {Selection} selection @param {ShadowRoot} root @returns {StaticRange | undefined} */
function composedRange(selection, root) {
  try {
    return selection.getComposedRanges?.({ shadowRoots: [root] })[0];
  } catch {
    return undefined;
  }
}
