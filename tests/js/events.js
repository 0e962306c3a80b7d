/** Events as the server sends them. */

export const userMessage = (id, text) => ({
  id,
  type: "user_message",
  content: [{ type: "input_text", text }],
});
export const assistantMessage = (id, text) => ({
  id,
  type: "assistant_message",
  content: [{ type: "output_text", text, annotations: [] }],
});
export const added = (item) => ({ type: "thread.item.added", item });
export const done = (item) => ({ type: "thread.item.done", item });
export const replaced = (item) => ({ type: "thread.item.replaced", item });
export const removed = (item_id) => ({ type: "thread.item.removed", item_id });
export const updated = (item_id, update) => ({ type: "thread.item.updated", item_id, update });
export const delta = (item_id, text, content_index = 0) =>
  updated(item_id, { type: "assistant_message.content_part.text_delta", content_index, delta: text });
export const begun = { type: "stream_options", stream_options: { allow_cancel: true } };
export const ended = { type: "stream_options", stream_options: { allow_cancel: false } };
