/**
 * Which tool is to be used, and which model is to answer.
 * @import {ToolOption} from "@openai/chatkit"
 * @import {Model} from "./model.js"
 */

import { html, nothing } from "lit/html.js";
import { icon } from "../icons.js";
import { choose, menuKeys, menuToggled, openMenu } from "./menu.js";

/** All tools in a menu; the chosen one stands beside it with a way to drop it, unless it is pinned.
 * @param {Model} model */
export function toolMenu({ strings, options, composing }) {
  const tools = options.composer?.tools ?? [];
  if (!tools.length) return nothing;
  const { tool } = composing;
  return html`<button class="icon-button ${tools.every(({ pinned }) => pinned) ? "narrow-only" : ""}" type="button" aria-label=${strings.tools} aria-haspopup="menu" aria-expanded="false" @click=${openMenu}>${icon("sliders")}</button>
    <div class="menu" role="menu" aria-label=${strings.tools} popover @toggle=${menuToggled} @keydown=${menuKeys}>
      ${tools.map(
        ({
          id,
          label,
          icon: drawing,
        }) => html`<button class="menu__item" role="menuitemradio" aria-checked=${id === tool?.id} type="button" @click=${choose(() => composing.chooseTool(id === tool?.id ? null : id))}>
          ${icon(drawing)}<span class="menu__label">${label}</span>${id === tool?.id ? icon("check", "16") : nothing}
        </button>`,
      )}
    </div>
    ${
      tool
        ? html`<button class="chosen ${tool.pinned ? "narrow-only" : ""}" type="button" aria-label=${strings.dropTool(tool.label)} @click=${() => composing.chooseTool(null)}>
          ${icon(tool.icon, "16")}<span class="cut" dir="auto">${tool.shortLabel ?? tool.label}</span>${icon("x", "16")}
        </button>`
        : nothing
    }`;
}

/** Pinned tools are a press away; on a narrow screen they are in the menu.
 * @param {Model} model */
export function pinnedTools({ options, composing }) {
  const pinned = options.composer?.tools?.filter((tool) => tool.pinned) ?? [];
  return pinned.map((tool) => pin(tool, tool.id === composing.tool?.id, composing));
}

/** @param {ToolOption} tool @param {boolean} isChosen @param {Model["composing"]} composing */
function pin({ id, icon: drawing, label, shortLabel }, isChosen, composing) {
  return html`<button class="pin" type="button" aria-pressed=${isChosen} title=${label} @click=${() => composing.chooseTool(isChosen ? null : id)}>
    ${icon(drawing, "16")}<span class="cut" dir="auto">${shortLabel ?? label}</span>
  </button>`;
}

/** @param {Model} model */
export function modelMenu({ strings, options, composing }) {
  const models = options.composer?.models ?? [];
  if (!models.length) return nothing;
  const chosen = composing.model;
  return html`<button class="model" type="button" aria-label=${strings.modelIs(chosen?.label ?? "")} aria-haspopup="menu" aria-expanded="false" @click=${openMenu}>
      <span class="cut" dir="auto">${chosen?.label ?? strings.model}</span>${icon("chevron", "16")}
    </button>
    <div class="menu menu--wide" role="menu" aria-label=${strings.model} popover @toggle=${menuToggled} @keydown=${menuKeys}>
      ${models.map(
        ({
          id,
          label,
          description,
          disabled,
        }) => html`<button class="menu__item" role="menuitemradio" aria-checked=${id === chosen?.id} aria-disabled=${disabled ? "true" : nothing} type="button" @click=${disabled ? nothing : choose(() => composing.chooseModel(id))}>
          <span class="menu__label">${label}${description ? html`<span class="menu__about quiet">${description}</span>` : nothing}</span>${id === chosen?.id ? icon("check", "16") : nothing}
        </button>`,
      )}
    </div>`;
}
