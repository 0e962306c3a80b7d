/** Folds events into items as the page does: a line of JSON with `items` and `events` in, one with the items out. */

import { createInterface } from "node:readline";
import { EMPTY, reduce } from "../../static/chatkit/thread.js";

for await (const line of createInterface({ input: process.stdin })) {
  const { items, events } = JSON.parse(line);
  const state = events.reduce((shown, event) => reduce(shown, event, "turn"), { ...EMPTY, items });
  process.stdout.write(`${JSON.stringify(state.items)}\n`);
}
