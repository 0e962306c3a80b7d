/** The parts of ChatKit's wire protocol that the element reads. Fields beyond these are carried along untouched. */

import type { ChatKitOptions, StartScreenOption, StartScreenPrompt } from "@openai/chatkit";

export interface Content {
  type: string;
  text?: string;
  annotations?: Annotation[];
}

export interface Annotation {
  type: string;
  index?: number | null;
  source: { type: string; title?: string; url?: string; filename?: string };
}

export interface Task {
  type: string;
  title?: string | null;
  content?: string | null;
  status_indicator?: "none" | "loading" | "complete";
}

/** A widget's root or any of its components. */
export interface WidgetNode {
  type: string;
  id?: string;
  [name: string]: unknown;
}

export interface Item {
  id: string;
  type: string;
  thread_id?: string;
  created_at?: string;
  content?: Content[];
  quoted_text?: string | null;
  workflow?: { type?: string; tasks: Task[]; summary?: { title?: string } | null };
  task?: Task;
  widget?: WidgetNode;
  copy_text?: string | null;
}

export interface Thread {
  id: string;
  title?: string | null;
  created_at?: string;
  status?: { type: string; reason?: string | null };
}

export interface Page<T> {
  data: T[];
  has_more: boolean;
  after?: string | null;
}

export interface ThreadWithItems extends Thread {
  items?: Page<Item>;
}

export interface ItemUpdate {
  type: string;
  content_index?: number;
  content?: Content;
  delta?: string;
  annotation?: Annotation;
  annotation_index?: number;
  task_index?: number;
  task?: Task;
  widget?: WidgetNode;
  component_id?: string;
  component?: WidgetNode;
  done?: boolean;
}

export interface ThreadEvent {
  type: string;
  thread?: ThreadWithItems;
  item?: Item;
  item_id?: string;
  update?: ItemUpdate;
  stream_options?: { allow_cancel: boolean };
  icon?: string | null;
  text?: string;
  name?: string;
  data?: Record<string, unknown>;
  code?: string;
  message?: string | null;
  allow_retry?: boolean;
  level?: string;
  title?: string | null;
}

/** What a live socket pushes: one event with its place in the thread's log. */
export interface Frame {
  seq: number;
  turn_id: string | null;
  event: ThreadEvent;
}

export interface UserInput {
  content: Content[];
  attachments: string[];
  quoted_text?: string | null;
  inference_options: { model?: string; tool_choice?: { id: string } };
}

/** Our additions to ChatKit's options; README.md describes them. */
export interface LiveOption {
  /** The address of the socket that follows a thread; the element adds `after_seq`. */
  url: (threadId: string) => string;
  /** Cancel a turn of which this page has no request open. */
  cancel?: (threadId: string, turnId: string) => Promise<void>;
  /** The address of a socket that names, in `conversation_id`, each of the person's threads that changes. */
  changes?: string;
}

export interface Prompt extends StartScreenPrompt {
  description?: string;
}

export interface Options extends Omit<ChatKitOptions, "startScreen"> {
  live?: LiveOption;
  startScreen?: Omit<StartScreenOption, "prompts"> & {
    subtitle?: string;
    placeholder?: string;
    prompts?: Prompt[];
  };
}

export type Fetch = typeof fetch;
