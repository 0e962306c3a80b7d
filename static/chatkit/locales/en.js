import { pluralIn } from "./plural.js";

const plural = pluralIn("en");

/** Everything that the element says, in English. Another language is another file with the same keys. */
export const en = {
  chat: "Chat",
  conversation: "Conversation",
  conversations: "Conversations",
  search: "Search conversations",
  lookingFor: "Searching",
  searchFailed: "The search didn’t work. Try again in a moment.",
  noneFound: "Nothing found",
  found: "Found conversations",
  close: "Close",
  cancel: "Cancel",

  greeting: "What can I help with today?",
  placeholder: "Write a message",
  placeholderWhileBusy: "Write the next message",
  message: "Message",
  send: "Send",
  stop: "Stop",
  stopping: "Stopping",
  youWrote: "You wrote: ",
  assistantWrote: "The assistant wrote: ",
  latest: "Go to the latest message",
  earlier: "Show earlier messages",
  earlierFailed: "Earlier messages didn’t load. Try again",
  loading: "Loading the conversation",
  working: "Working on it",
  replyEnded: "End of the reply",

  copy: "Copy",
  copied: "Copied",
  copyFailed: "Could not be copied",
  goodAnswer: "Good answer",
  badAnswer: "Bad answer",
  answerAgain: "Answer again",
  code: "Code",
  table: "Table",
  sources: "Sources",
  /** @param {string} number */
  footnote: (number) => `Footnote ${number}`,

  sending: "Sending",
  waitingToBeSent: "Waiting to be sent",
  notSent: "Not sent",
  notSentTitle: "The message wasn’t sent",
  deleteMessage: "Delete this message",
  tryAgain: "Try again",
  tryNow: "Try now",

  offline: "You’re offline",
  offlineDetail: "Your messages are kept here and sent when you’re back.",
  unreachable: "No connection",
  unreachableDetail: "The reply goes on. You’ll see the rest when you’re back.",
  /** @param {number} seconds */
  nextTry: (seconds) => (seconds > 0 ? `Next try in ${seconds} s.` : "Trying again."),

  replyFailed: "There’s no answer yet",
  replyStopped: "The reply stopped half-way",
  replyFailedDetail: "Something went wrong on our side. Your message is saved.",
  connectionFailedDetail: "The server can’t be reached. Your message is saved.",
  noReply: "No reply yet",
  /** @param {string} code */
  reference: (code) => `Ref. ${code}`,

  loadFailed: "The conversation couldn’t be loaded",
  loadFailedDetail: "Nothing is lost: it is kept on the server.",
  notFound: "There’s no such conversation",
  notFoundDetail: "It may have been deleted, or it belongs to another account.",
  signedOut: "You’re signed out",
  signedOutDetail: "Sign in again to go on. Your conversations are kept.",
  reload: "Reload the page",
  locked: "This conversation is locked",
  lockedDetail: "You can read it. To ask something else, start a new one.",
  closed: "This conversation is closed",
  closedDetail: "You can read it. To ask something else, start a new one.",

  newConversation: "New conversation",
  untitled: "New conversation",
  unread: "New messages",
  today: "Today",
  thisWeek: "This week",
  /** @param {string} month */
  earlierIn: (month) => `Earlier in ${month}`,
  noConversations: "Your conversations will be listed here.",
  listFailed: "The list couldn’t be loaded.",
  showMore: "Show more",
  /** @param {string} title */
  actionsFor: (title) => `Actions for “${title}”`,
  rename: "Rename",
  delete: "Delete",
  renameTitle: "Rename conversation",
  name: "Name",
  save: "Save",
  deleteTitle: "Delete conversation?",
  /** @param {string} title */
  deleteDetail: (title) => `“${title}” and all its messages will be deleted. This can’t be undone.`,
  deleteAct: "Delete conversation",
  actionFailed: "That didn’t work. Try again.",

  attachments: "Attachments",
  staff: "Customer service",
  askForStaff: "Ask for a person",
  asked: "You asked for a person",
  askedDetail: "Until somebody joins, the assistant answers.",
  /** @param {string} name */
  joined: (name) => `${name} joined`,
  /** @param {string} name */
  left: (name) => `${name} left. The assistant answers again.`,
  /** @param {string} name */
  withStaff: (name) => `You’re writing with ${name}.`,
  withStaffDetail: "The assistant takes over again afterwards.",
  /** @param {string} name */
  writeTo: (name) => `Write to ${name}`,
  thinking: "Thinking",
  /** @param {string} time */
  thoughtFor: (time) => `Thought for ${time}`,
  /** @param {string} time */
  workedFor: (time) => `Worked for ${time}`,
  searched: "Searched the web",
  /** @param {string} query */
  searchedFor: (query) => `Searched for “${query}”`,
  readFiles: "Read files",
  madeImage: "Made an image",
  generatedImage: "Image made by the assistant",
  makingImage: "Making an image",

  questions: "Questions",
  answer: "Answer",
  skip: "Skip",
  skipped: "Skipped",
  ownAnswer: "Something else",
  chooseSeveral: "Choose any number",
  noAnswer: "Choose or write an answer, or skip.",

  attach: "Attach files",
  dropHere: "Drop files here",
  /** @param {string} name */
  uploading: (name) => `Uploading ${name}`,
  uploadFailed: "Not uploaded",
  /** @param {string} name */
  uploadAgain: (name) => `Upload ${name} again`,
  /** @param {string} name */
  removeFile: (name) => `Remove ${name}`,
  waitForUpload: "The files are still being uploaded",
  unsentTitle: "A file wasn’t uploaded",
  unsentDetail: "Upload it again or remove it, then send.",
  /** @param {string} name */
  tooLarge: (name) => `“${name}” is too large`,
  /** @param {string} limit @param {string} size */
  tooLargeDetail: (limit, size) => `Files of this kind may have up to ${limit}. This one has ${size}.`,
  /** @param {string} name */
  wrongKind: (name) => `“${name}” can’t be attached`,
  /** @param {string} kinds */
  wrongKindDetail: (kinds) => `It must be ${kinds}.`,
  tooMany: "That’s too many files",
  /** @param {number} limit */
  tooManyDetail: (limit) =>
    plural(limit, { one: "A message takes one file.", other: "A message takes up to # files." }),
  /** @param {string} name */
  emptyFile: (name) => `“${name}” is empty`,

  tools: "Tools",
  /** @param {string} name */
  dropTool: (name) => `Don’t use ${name}`,
  model: "Model",
  /** @param {string} name */
  modelIs: (name) => `Model: ${name}`,

  mention: "Mention",
  mentions: "Mentions",
  commands: "Commands",
  searching: "Searching",
  nothingFound: "Nothing found",
  /** @param {number} count */
  suggestionCount: (count) => plural(count, { one: "# suggestion", other: "# suggestions" }),

  quote: "Quote",
  replyingTo: "Replying to:",
  removeQuote: "Don’t quote",

  dictate: "Dictate",
  listening: "Listening",
  microphoneStarts: "Waiting for the microphone",
  writingDown: "Writing it down",
  cancelDictation: "Discard the recording",
  finishDictation: "Finish the recording",
  microphoneRefused: "The microphone isn’t allowed",
  microphoneRefusedDetail: "Allow it in the browser’s settings for this site, then try again.",
  microphoneMissing: "No microphone was found.",
  dictationFailed: "The recording couldn’t be written down",

  open: "Open",
  details: "Details",
  /** @param {number} count */
  showMoreRows: (count) => plural(count, { other: "Show # more" }),
  noPicture: "This picture can’t be shown",
  choose: "Choose",
  clear: "Clear",
  chooseDate: "Choose a date",
  previousMonth: "Previous month",
  nextMonth: "Next month",
  wrongFormat: "This isn’t in the right format.",
  noFigures: "No figures yet.",
  /** @param {string} series */
  chartOf: (series) => `Chart: ${series}`,
  showFigures: "Figures",
};

/** @typedef {typeof en} Strings */
