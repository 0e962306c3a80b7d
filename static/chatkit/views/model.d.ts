/** What the views are given: they draw it, and call its actions. */

import type { ClientTools } from "../clienttools.js";
import type { Composing } from "../composing.js";
import type { FeedbackKind } from "../feedbacks.js";
import type { Strings } from "../locales/en.js";
import type { Sending } from "../outbox.js";
import type { Overlays } from "../overlays.js";
import type { Previews } from "../previews.js";
import type { Questions } from "../questions.js";
import type { Search } from "../search.js";
import type { Session } from "../session.js";
import type { ThreadList } from "../threads.js";
import type { Options, Prompt } from "../types.js";
import type { Action } from "../widgets/types.js";

export interface Ui {
  isScrolledUp: boolean;
  isStopping: boolean;
}

export interface Actions {
  send(): void;
  sendPrompt(prompt: Prompt): void;
  stop(): void;
  retry(itemId?: string): void;
  resend(sending: Sending): void;
  discard(sending: Sending): void;
  reconnect(): void;
  reload(): void;
  /** What is drawn depends on something that is there now. */
  redraw(): void;
  showEarlier(): void;
  sendAction(action: Action, item: { id: string }, streams: boolean): Promise<void>;
  /** Something went wrong, for the page to know. */
  failed(error: unknown): void;
  askForStaff(): void;
  giveFeedback(itemId: string, kind: FeedbackKind): void;
  scrolled(): void;
  goToLatest(): void;
  followLink(event: MouseEvent): void;
  openThread(threadId: string | null): void;
  showSheet(): void;
  showMoreThreads(): void;
  reloadThreads(): void;
}

export interface Model {
  options: Options;
  strings: Strings;
  /** The language of dates and numbers. */
  language: string;
  direction: "ltr" | "rtl";
  session: Session;
  list: ThreadList;
  search: Search;
  tools: ClientTools;
  questions: Questions;
  composing: Composing;
  previews: Previews;
  overlays: Overlays;
  /** Sentences for a screen reader, the newest last. */
  said: readonly { key: number; text: string }[];
  ui: Ui;
  act: Actions;
}
