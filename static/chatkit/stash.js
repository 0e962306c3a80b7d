/**
 * What outlives a reload, in this tab only: a message that is being written, thread by thread. No DOM.
 */

/** Where storage is refused or full, nothing is kept.
 * @param {string} name @returns {unknown} */
export function recall(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} name @param {unknown} value null forgets it */
export function stash(name, value) {
  try {
    if (value === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Private windows may have no storage.
  }
}
