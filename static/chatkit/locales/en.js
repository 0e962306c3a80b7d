/** Everything that the element says, in English. Another language is another file with the same keys. */
export const en = {
  chat: "Chat",
  conversation: "Conversation",
  conversations: "Conversations",
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
  /** @param {number} number */
  source: (number) => `Source ${number}`,

  sending: "Sending",
  waitingToBeSent: "Waiting to be sent",
  notSent: "Not sent",
  deleteMessage: "Delete this message",
  tryAgain: "Try again",
  tryNow: "Try now",

  offline: "You’re offline",
  offlineDetail: "Your messages are kept here and sent when you’re back.",
  unreachable: "No connection",
  unreachableDetail: "The reply goes on without this page; you’ll see the rest when the connection is back.",
  /** @param {number} seconds */
  nextTry: (seconds) => (seconds > 0 ? `Next try in ${seconds} s.` : "Trying again."),

  replyFailed: "There’s no answer yet",
  replyStopped: "The reply stopped half-way",
  replyFailedDetail: "Something went wrong on our side. Your message is saved.",
  connectionFailedDetail: "The server can’t be reached. Your message is saved.",
  noReply: "This message has no reply",
  noReplyDetail: "It was stopped or went wrong. Your message is saved.",
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
};

/** @typedef {typeof en} Strings */
