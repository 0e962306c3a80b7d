/**
 * What `@` and `/` offer: the page's entities and commands, and the composer's own.
 * @import {Command} from "@openai/chatkit"
 * @import {Composing} from "./composing.js"
 * @import {Asked, Suggestion} from "./suggestions.js"
 */

import { takesSpeech } from "./speech.js";

/** @param {Asked} asked @param {Composing} composing @returns {Promise<Suggestion[]>} */
export async function entitiesFor({ query }, composing) {
  const found = (await composing.options.entities?.onTagSearch?.(query)) ?? [];
  return found.map((entity) => ({
    key: entity.id,
    label: entity.title,
    ...(entity.icon && { icon: entity.icon }),
    ...(entity.group && { group: entity.group }),
    choose: ({ start, end }) => {
      composing.insert(entity, start, end);
      composing.suggestions.close();
    },
  }));
}

/** @param {Asked} asked @param {Composing} composing @returns {Promise<Suggestion[]>} */
export async function commandsFor({ query }, composing) {
  const found = (await composing.options.commands?.onSearch?.(query)) ?? [];
  return [...ownCommands(query, composing), ...found.map((command) => commandOf(command, composing))];
}

/** @param {Command} command @param {Composing} composing @returns {Suggestion} */
function commandOf(command, composing) {
  const { id, label, description, icon, group } = command;
  return {
    key: id,
    label,
    ...(description && { description }),
    ...(icon && { icon }),
    ...(group && { group }),
    choose: async ({ start, end }) => {
      const asked = composing.text.slice(start, end);
      const selection = await composing.options.commands?.onSelect?.(command);
      // Who wrote on meanwhile, or went to another thread, keeps what is there.
      if (composing.text.slice(start, end) !== asked) return;
      if (selection?.type === "menu") {
        composing.suggestions.offer(selection.commands.map((next) => commandOf(next, composing)));
        return;
      }
      composing.insert(selection?.type === "entity" ? selection.entity : "", start, end);
      composing.suggestions.close();
    },
  };
}

/** What the composer's buttons do, by name.
 * @param {string} query @param {Composing} composing @returns {Suggestion[]} */
function ownCommands(query, composing) {
  const { strings } = composing;
  const { composer, entities } = composing.options;
  /** @type {{key: string, label: string, icon: string, act: () => void}[]} */
  const own = [];
  if (composing.takesFiles)
    own.push({ key: "attach", label: strings.attach, icon: "clip", act: () => composing.pickFiles() });
  for (const { id, label, icon } of composer?.tools ?? [])
    own.push({ key: `tool ${id}`, label, icon, act: () => composing.chooseTool(id) });
  if (entities?.onTagSearch)
    own.push({ key: "mention", label: strings.mention, icon: "at", act: () => composing.beginTag() });
  if (takesSpeech(composing.options))
    own.push({ key: "dictate", label: strings.dictate, icon: "mic", act: () => composing.dictate() });
  const wanted = query.toLocaleLowerCase();
  return own
    .filter(({ label }) => label.toLocaleLowerCase().includes(wanted))
    .map(({ act, ...shown }) => ({
      ...shown,
      choose: ({ start, end }) => {
        composing.insert("", start, end);
        composing.suggestions.close();
        act();
      },
    }));
}
