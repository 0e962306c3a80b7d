/** The parts of ChatKit's wire protocol that the element reads. Fields beyond these are carried along untouched. */

import type { ChatKitOptions, HeaderOption, StartScreenOption, StartScreenPrompt } from "@openai/chatkit";

/** A part of a message: text, or in a person's message also a tag. */
export interface Content {
  type: string;
  text?: string;
  annotations?: Annotation[];
  /** Of a tag. */
  id?: string;
  group?: string | null;
  interactive?: boolean;
  data?: Record<string, unknown>;
}

export interface Annotation {
  type: string;
  /** Where in the text it belongs, counted in characters. */
  index?: number | null;
  source: Source;
}

/** A page, a file, or something that the site knows by its id. */
export interface Source {
  type: string;
  title?: string;
  description?: string | null;
  timestamp?: string | null;
  group?: string | null;
  url?: string;
  attribution?: string | null;
  filename?: string;
  id?: string;
  icon?: string | null;
  label?: string | null;
  inline_label?: string | null;
  interactive?: boolean;
  data?: Record<string, unknown>;
}

export interface Task {
  type: string;
  title?: string | null;
  title_query?: string | null;
  icon?: string | null;
  content?: string | null;
  queries?: string[];
  sources?: Source[];
  status_indicator?: "none" | "loading" | "complete";
}

export interface Workflow {
  type?: string;
  tasks: Task[];
  summary?: { title?: string; icon?: string | null; duration?: number } | null;
  expanded?: boolean;
}

export interface Attachment {
  type: string;
  id: string;
  name: string;
  mime_type: string;
  preview_url?: string;
  upload_descriptor?: { url: string; method: string; headers?: Record<string, string> } | null;
}

/** One question of a structured input. */
export interface Question {
  type: string;
  id: string;
  question: string;
  description?: string | null;
  options?: { value: string }[];
  multiple?: boolean;
  answer?: Answer | null;
}

export interface Answer {
  values?: string[];
  skipped?: boolean;
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
  attachments?: Attachment[];
  quoted_text?: string | null;
  workflow?: Workflow;
  task?: Task;
  image?: GeneratedImage | null;
  /** How far a generated image is, from 0 to 1; from its updates. */
  progress?: number | null;
  /** Of a client tool call or a structured input. */
  status?: string;
  call_id?: string;
  name?: string;
  arguments?: Record<string, unknown>;
  inputs?: Question[];
  widget?: WidgetNode;
  copy_text?: string | null;
}

export interface GeneratedImage {
  id?: string;
  url?: string;
}

export interface Thread {
  id: string;
  /** Where pictures in answers may come from; without it they are links. */
  allowed_image_domains?: string[] | null;
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
  image?: GeneratedImage;
  progress?: number | null;
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

/** What the socket of all of a person's threads pushes: which one changed, or an effect. */
export interface AccountFrame {
  type: string;
  conversation_id?: string | null;
  name?: string;
  data?: Record<string, unknown>;
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
  /** Ask for a person in a thread: offered where a reply failed. */
  askForStaff?: (threadId: string) => Promise<void>;
  /** The address of a socket that names, in `conversation_id`, each of the person's threads that changes. */
  changes?: string;
}

export interface Prompt extends StartScreenPrompt {
  description?: string;
}

/** A button of the header may say in words what it does. */
export type HeaderAction = NonNullable<HeaderOption["leftAction"]> & { label?: string };

/** A conversation that a search has found; with the place where the words stand, in pieces. */
export interface FoundThread {
  threadId: string;
  title: string;
  snippet?: { text: string; isMatch: boolean }[];
}

/** Looks for words in all of a person's conversations, the newest first. */
export type SearchOption = (query: string, how: { signal: AbortSignal }) => Promise<FoundThread[]>;

export interface Options extends Omit<ChatKitOptions, "startScreen" | "header" | "history"> {
  history?: NonNullable<ChatKitOptions["history"]> & { search?: SearchOption };
  header?: Omit<HeaderOption, "leftAction" | "rightAction"> & {
    leftAction?: HeaderAction;
    rightAction?: HeaderAction;
  };
  /** Addresses of pictures that stand beside what is said. */
  avatars?: { assistant?: string; user?: string };
  live?: LiveOption;
  startScreen?: Omit<StartScreenOption, "prompts"> & {
    subtitle?: string;
    placeholder?: string;
    prompts?: Prompt[];
  };
}

export type Fetch = typeof fetch;
