/**
 * The files of a message, on their way to the server or there.
 * @import {Client} from "./client.js"
 * @import {Attachment, Options} from "./types.js"
 */

import { isAbort, RequestError } from "./client.js";
import { isPicture } from "./sound.js";

/**
 * @typedef {object} Upload
 * @property {string} key
 * @property {string} name
 * @property {number | null} size
 * @property {File | null} file gone after a reload
 * @property {string | null} preview
 * @property {"uploading" | "ready" | "failed"} status
 * @property {number | null} progress from 0 to 1
 * @property {string} error
 * @property {Attachment | null} attachment
 * @property {AbortController} stopper
 */

let count = 0;

/** @param {File} file @returns {Upload} */
export function uploadOf(file) {
  return { ...blank(file.name || "file"), size: file.size, file };
}

/** Something that the server has already.
 * @param {Attachment} attachment @returns {Upload} */
export function uploaded(attachment) {
  const preview = isPicture(attachment.preview_url) ? attachment.preview_url : null;
  return { ...blank(attachment.name), attachment, preview, status: "ready" };
}

/** Send a file; the upload tells how it goes.
 * @param {Upload} upload @param {{client: Client, api: Options["api"], changed: () => void}} how */
export async function send(upload, { client, api, changed }) {
  if (!upload.file) return;
  // A place that was given for a try that failed is given back.
  if (upload.attachment) withdraw(upload, client).catch(() => {});
  Object.assign(upload, {
    attachment: null,
    status: "uploading",
    error: "",
    progress: null,
    stopper: new AbortController(),
  });
  changed();
  const progressed = (/** @type {number} */ share) => {
    upload.progress = share;
    changed();
  };
  try {
    const { transfer } = await import("./transfer.js");
    upload.attachment = await transfer(upload, upload.file, { client, api, progressed });
    upload.status = "ready";
    // It was taken away while the page's own fetch went on.
    if (upload.stopper.signal.aborted) await withdraw(upload, client);
  } catch (error) {
    if (isAbort(error)) return;
    Object.assign(upload, { status: "failed", error: error instanceof RequestError ? error.message : "" });
  }
  changed();
}

/** Stop an upload, and let the server forget what it has.
 * @param {Upload} upload @param {Client} client */
export async function withdraw({ stopper, attachment }, client) {
  stopper.abort();
  if (attachment) await client.request("attachments.delete", { attachment_id: attachment.id });
}

/** @param {string} name @returns {Upload} */
function blank(name) {
  count += 1;
  return {
    key: `upload-${count}`,
    name,
    size: null,
    file: null,
    preview: null,
    status: "uploading",
    progress: null,
    error: "",
    attachment: null,
    stopper: new AbortController(),
  };
}
