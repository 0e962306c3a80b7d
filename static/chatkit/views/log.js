/**
 * What was said, from the first message that is shown to the last. Of any length: what doesn't change is not looked at.
 * @import {Model} from "./model.js"
 * @import {Turn} from "./turn.js"
 */

import { guard } from "lit/directives/guard.js";
import { keyed } from "lit/directives/keyed.js";
import { repeat } from "lit/directives/repeat.js";
import { html, nothing } from "lit/html.js";
import { serverNotice } from "./notice.js";
import { whenNear } from "./scroll.js";
import { groupTurns, sendingView, turnView } from "./turn.js";

/** So many turns are laid out as one, or not at all while they are out of sight. */
const BLOCK = 8;
/** How high a turn is taken to be until it was seen. */
const TURN_REM = 16;

/** @typedef {{key: string, turns: Turn[]}} Block */

/** While a reply streams only its own turn is looked at: the others are guarded, block by block.
 * @param {Model} model */
export function log(model) {
  const { session, strings, act } = model;
  const blocks = groupBlocks(groupTurns(session.state.items), session.reading.pageStarts);
  const sendings = session.sendings.filter(({ content }) => content);
  return html`<div class="thread" part="thread" @click=${act.followLink}>
    ${earlier(model)}
    ${repeat(blocks, keyOf, (block) => blockView(block, block === blocks.at(-1), !sendings.length, model))}
    ${repeat(sendings, keyOf, (sending) => sendingView(sending, model))}
    ${session.state.notices.map((notice) => serverNotice(notice, strings))}
  </div>`;
}

/** Put turns into blocks that stay as they are when turns are added at either end: each page begins one.
 * @param {Turn[]} turns @param {ReadonlySet<string>} pageStarts @returns {Block[]} */
export function groupBlocks(turns, pageStarts) {
  /** @type {Block[]} */
  const blocks = [];
  for (const turn of turns) {
    const start = [turn.user, ...turn.parts].find((item) => item && pageStarts.has(item.id))?.id;
    const block = blocks.at(-1);
    if (block && !start && block.turns.length < BLOCK) block.turns.push(turn);
    else blocks.push({ key: start ?? turn.key, turns: [turn] });
  }
  return blocks;
}

/** @param {Block} block @param {boolean} isLast @param {boolean} isEnd nothing stands below the last block
 * @param {Model} model */
function blockView({ turns }, isLast, isEnd, model) {
  const { session, options, strings } = model;
  const { drafts } = session.state;
  const items = turns.flatMap(({ user, parts }) => (user ? [user, ...parts] : parts));
  const unfinished = items.some(({ id }) => drafts.has(id)) && drafts;
  const shown = isLast ? [{}] : [...items, unfinished, session.feedbacks.given, options, strings];
  const last = isLast && isEnd ? turns.at(-1) : null;
  return html`<div class=${isLast ? "block block--last" : "block"} .style=${`contain-intrinsic-block-size: auto ${turns.length * TURN_REM}rem`}>
    ${guard(shown, () => repeat(turns, keyOf, (turn) => turnView(turn, turn === last, model)))}
  </div>`;
}

/** Earlier messages come as one scrolls towards them; the button is for those who don't scroll.
 * @param {Model} model */
function earlier({ session, strings, act }) {
  const { earlier: cursor } = session.state;
  if (!cursor) return nothing;
  const { earlierStatus: status } = session.reading;
  const seen = status === "failed" ? () => {} : act.showEarlier;
  return keyed(
    cursor,
    html`<div class="thread__earlier" ${whenNear(seen)}>
      <button class="button button--small" type="button" aria-busy=${status === "loading"} @click=${act.showEarlier}>
        ${status === "loading" ? html`<span class="spinner"></span>` : nothing}${status === "failed" ? strings.earlierFailed : strings.earlier}
      </button>
    </div>`,
  );
}

/** @param {{key: string}} thing */
const keyOf = ({ key }) => key;
