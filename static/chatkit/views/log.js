/**
 * What was said, from the first message that is shown to the last. Of any length: what doesn't change is not looked at.
 * @import {Model} from "./model.js"
 */

import { guard } from "lit/directives/guard.js";
import { keyed } from "lit/directives/keyed.js";
import { repeat } from "lit/directives/repeat.js";
import { html, nothing } from "lit/html.js";
import { serverNotice } from "./notice.js";
import { whenNear } from "./scroll.js";
import { groupTurns, sendingView, turnView } from "./turn.js";

/** While a reply streams only its own turn is looked at: the others are guarded as one.
 * @param {Model} model */
export function log(model) {
  const { session, options, strings, act } = model;
  const { items, drafts, notices } = session.state;
  const turns = groupTurns(items);
  const last = turns.at(-1);
  const settled = turns.slice(0, -1);
  const before = items.slice(0, items.length - (last ? last.parts.length + (last.user ? 1 : 0) : 0));
  const unfinished = before.some(({ id }) => drafts.has(id)) && drafts;
  const shown = [...before, unfinished, session.feedbacks, options, strings];
  const sendings = session.sendings.filter(({ content }) => content);
  return html`<div class="thread" part="thread" @click=${act.followLink}>
    ${earlier(model)}
    ${guard(shown, () => repeat(settled, keyOf, (turn) => turnView(turn, false, model)))}
    ${last ? keyed(last.key, turnView(last, !sendings.length, model)) : nothing}
    ${repeat(sendings, keyOf, (sending) => sendingView(sending, model))}
    ${notices.map((notice) => serverNotice(notice, strings))}
  </div>`;
}

/** Earlier messages come as one scrolls towards them; the button is for those who don't scroll.
 * @param {Model} model */
function earlier({ session, strings, act }) {
  const { earlier: cursor } = session.state;
  if (!cursor) return nothing;
  const { earlierStatus: status } = session;
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
