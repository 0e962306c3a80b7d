/**
 * The customer's trip as a slip: flights above the tear line, what goes with them beneath it, then the traveller and
 * what changed.
 * @import {Profile, Segment} from "./types.js"
 */

import { html, nothing } from "lit/html.js";
import { filled, language, texts } from "../texts.js";

const DAY = new Intl.DateTimeFormat(language, {
  weekday: "short",
  day: "numeric",
  month: "long",
  timeZone: "UTC",
});
const SHORT_DAY = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
const CLOCK = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const NUMBER = new Intl.NumberFormat(language);
const CHANGES_SHOWN = 6;
/** With more flights than these each one names its seat: a list of seats would not say whose they are. */
const SEATS_BELOW = 2;
/** What a chip says of a flight, and its colour. @type {Record<string, string>} */
const CHIPS = { "On time": "chip--good", Delayed: "chip--warning", Cancelled: "" };

/** @param {Profile} profile @param {{icons: string, now: Date}} page */
export function tripView(profile, { icons, now }) {
  return html`<section class="slip" aria-label=${texts.flights}>
      ${profile.segments.map((segment) => leg(segment, icons, profile.segments.length > SEATS_BELOW))}
      <div class="slip__tear"></div>
      ${facts(profile)}
    </section>
    ${traveller(profile)} ${changes(profile, now)}`;
}

/** What went wrong, and what to do. @param {() => void} again */
export function failureView(again) {
  return html`<p class="trip__failure">${texts.tripFailed}</p>
    <button class="button" type="button" @click=${again}>${texts.tryAgain}</button>`;
}

/** @param {Segment} segment @param {string} icons @param {boolean} hasSeat */
function leg(segment, icons, hasSeat) {
  const gone = segment.status === "Cancelled";
  return html`<div class="leg" ?data-gone=${gone}>
    <div class="leg__when">
      <span>${DAY.format(new Date(`${segment.date}T00:00:00Z`)).replace(",", "")}</span>
      <span class="chip ${CHIPS[segment.status] ?? ""}">${texts.status[segment.status] ?? segment.status}</span>
    </div>
    <span class="leg__code"><abbr title=${segment.origin_city}>${segment.origin}</abbr></span>
    <span class="leg__path">${icon(icons, "plane")}</span>
    <span class="leg__code"><abbr title=${segment.destination_city}>${segment.destination}</abbr></span>
    <span class="leg__sub">${segment.departure_time}</span>
    <span class="leg__sub">${segment.flight_number}${hasSeat && !gone ? `, ${segment.seat}` : nothing}</span>
    <span class="leg__sub">${segment.arrival_time}</span>
  </div>`;
}

/** @param {Profile} profile */
function facts(profile) {
  const seats = profile.segments.filter(({ status }) => status !== "Cancelled").map(({ seat }) => seat);
  return html`<dl class="trio">
    ${seats.length > SEATS_BELOW ? fact(texts.flights, String(seats.length)) : fact(texts.seat, seats.join(", ") || "–")}
    ${fact(texts.bags, `${profile.bags_checked} × 23 kg`)}
    ${fact(texts.meal, profile.meal_preference ?? texts.standardMeal)}
    ${profile.special_assistance ? fact(texts.assistance, profile.special_assistance, "trio__wide") : nothing}
  </dl>`;
}

/** @param {string} name @param {string} value @param {string} [wide] */
function fact(name, value, wide = "") {
  return html`<div class=${wide}>
    <dt>${name}</dt>
    <dd><bdi>${value}</bdi></dd>
  </div>`;
}

/** @param {Profile} profile */
function traveller({ name, member_since, loyalty_progress: progress, tier_benefits }) {
  const { current_tier, next_tier } = progress;
  const points = filled(texts.points, {
    points: NUMBER.format(progress.points_earned),
    needed: NUMBER.format(progress.points_required),
    tier: next_tier,
  });
  return html`<section class="trip__block">
    <h3>${texts.traveller}</h3>
    <div class="person">
      <span class="avatar" aria-hidden="true">${initials(name)}</span>
      <div>${name}<div class="quiet">${filled(texts.member, { tier: current_tier, year: member_since })}</div></div>
    </div>
    <div class="meter">
      <progress max=${progress.points_required} value=${progress.points_earned}
        aria-label=${filled(texts.pointsTowards, { tier: next_tier })}></progress>
      <span>${points}</span>
    </div>
    <details class="benefits">
      <summary>${filled(texts.benefits, { tier: current_tier })}</summary>
      <ul>
        ${tier_benefits.map((benefit) => html`<li>${benefit}</li>`)}
      </ul>
    </details>
  </section>`;
}

/** @param {Profile} profile @param {Date} now */
function changes({ timeline }, now) {
  return html`<section class="trip__block">
    <h3>${texts.whatChanged}</h3>
    <ul class="changes">
      ${timeline.slice(0, CHANGES_SHOWN).map(
        ({ entry, timestamp }) => html`<li>
          <span><bdi>${entry}</bdi></span><time datetime=${timestamp}>${when(new Date(timestamp), now)}</time>
        </li>`,
      )}
    </ul>
  </section>`;
}

/** The time of today, the day of anything older. @param {Date} moment @param {Date} now */
export function when(moment, now) {
  return moment.toDateString() === now.toDateString() ? CLOCK.format(moment) : SHORT_DAY.format(moment);
}

/** @param {string} name */
function initials(name) {
  return name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word[0] ?? "")
    .join("")
    .toUpperCase();
}

/** @param {string} icons @param {string} name */
function icon(icons, name) {
  return html`<svg class="icon icon--16" aria-hidden="true"><use href="${icons}#${name}" /></svg>`;
}
