/**
 * A widget as an item of the thread.
 * @import {Item} from "../types.js"
 * @import {Model} from "../views/model.js"
 */

import { nothing } from "lit/html.js";

/** Draw a widget's item; one that isn't known draws nothing.
 * @param {Item} _item @param {boolean} _isDraft @param {Model} _model */
export function widgetItem(_item, _isDraft, _model) {
  return nothing;
}
