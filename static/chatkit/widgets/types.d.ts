/** What the views of widgets are given. */

import type { Strings } from "../locales/en.js";
import type { WidgetNode } from "../types.js";

/** What an action is when it leaves: forms have added their values. */
export interface Action {
  type: string;
  payload?: Record<string, unknown>;
}

/** An action as widgets name it. */
export interface ActionConfig {
  type: string;
  payload?: unknown;
  handler?: "client" | "server";
  loadingBehavior?: "auto" | "none" | "self" | "container";
  streaming?: boolean;
}

export interface WidgetItem {
  id: string;
  widget: WidgetNode;
}

/** What a widget needs from where it stands. */
export interface Host {
  strings: Strings;
  /** The language of dates and numbers. */
  language: string;
  /** Where pictures may come from; null is everywhere. */
  imageDomains: readonly string[] | null;
  /** Send an action to the server; with `streaming` its reply goes into the thread. */
  send(action: Action, item: WidgetItem, streaming: boolean): Promise<void>;
  /** The page's own handler. */
  onAction(action: Action, item: WidgetItem): Promise<void> | undefined;
  /** Something went wrong, for the page to know. */
  failed(error: unknown): void;
}

/** Where an action comes from. */
export interface Source {
  /** What shows that it waits. */
  node: Record<string, unknown>;
  /** What the action is bound to; without it the component's type. */
  kind?: string;
  /** What was pressed or changed; its form's values go along. */
  element: Element;
  /** What the component itself adds: a control its new value. */
  values?: readonly [name: string, value: unknown][];
}

/** One widget on the page: what its views ask and tell. */
export interface Stage {
  readonly host: Host;
  /** Begins every id in this widget. */
  readonly id: string;
  /** Names of fields that have a label of their own. */
  readonly labels: ReadonlySet<string>;
  /** Draw a component's children, each in a wrapping where one is given. */
  children(nodes: unknown, wrap?: (drawn: unknown) => unknown): unknown;
  /** Draw one component; one that isn't known draws nothing. */
  draw(node: unknown): unknown;
  act(action: unknown, source: Source): void;
  /** Whether this component waits for its action. */
  isBusy(node: Record<string, unknown>): boolean;
  /** What a person did to a component that the server doesn't know: shown more, opened. */
  recall(node: Record<string, unknown>): unknown;
  keep(node: Record<string, unknown>, value: unknown): void;
  /** Draw the whole widget again, once it has what it waited for. */
  redraw(): void;
}

/** Draws a component: what lit can render. */
export type View = (node: Record<string, unknown>, stage: Stage) => unknown;
