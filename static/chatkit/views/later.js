/**
 * Parts of the view that few conversations need: each is fetched when it is first drawn.
 * @import {Model} from "./model.js"
 */

/** Return what gives a module, or null until it is there; then everything is drawn again.
 * @template T @param {() => Promise<T>} fetch @returns {(model: Model) => T | null} */
export function later(fetch) {
  /** @type {T | null} */
  let module = null;
  /** @type {Promise<T> | null} */
  let fetched = null;
  return ({ act }) => {
    if (module) return module;
    fetched ??= fetch();
    fetched.then(
      (there) => {
        module = there;
        act.redraw();
      },
      (error) => {
        fetched = null;
        act.failed(error);
      },
    );
    return null;
  };
}
