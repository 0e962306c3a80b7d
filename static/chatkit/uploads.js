/**
 * Files on their way to the server, by either of ChatKit's strategies. Progress is known where the browser sends the
 * bytes itself; a page that gave `api.fetch` sends a direct upload through it, which can't tell.
 * @import {Client} from "./client.js"
 * @import {Attachment, Fetch, Options} from "./types.js"
 */

import { ConnectionError, isAbort, RequestError, refusal } from "./client.js";
import { isPicture } from "./sound.js";

/** @typedef {{type: "two_phase"} | {type: "direct", uploadUrl: string}} Strategy */
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

/** @typedef {(body: XMLHttpRequestBodyInit, how: {url: string, method: string, headers: Record<string, string>,
 *   signal: AbortSignal, progressed: (share: number) => void}) => Promise<unknown>} Sender */

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
  const strategy = ("uploadStrategy" in api && api.uploadStrategy) || { type: "two_phase" };
  try {
    upload.attachment =
      strategy.type === "direct"
        ? await direct(
            upload,
            upload.file,
            strategy.uploadUrl,
            "fetch" in api ? api.fetch : undefined,
            progressed,
          )
        : await twoPhase(upload, upload.file, client, progressed);
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

/** The server's form takes the file and answers with the attachment.
 * @param {Upload} upload @param {File} file @param {string} url @param {Fetch | undefined} fetch
 * @param {(share: number) => void} progressed @returns {Promise<Attachment>} */
async function direct({ stopper: { signal } }, file, url, fetch, progressed) {
  const body = formOf(file);
  const answer = fetch
    ? await byFetch(fetch, url, body)
    : await byRequest(body, { url, method: "POST", headers: {}, signal, progressed });
  if (!isAttachment(answer)) throw new ConnectionError("The upload was answered without an attachment.");
  return answer;
}

/** The server first gives the attachment its id and an address, to which the bytes go then.
 * @param {Upload} upload @param {File} file @param {Client} client @param {(share: number) => void} progressed
 * @returns {Promise<Attachment>} */
async function twoPhase(upload, file, client, progressed) {
  const { signal } = upload.stopper;
  const params = { name: upload.name, size: file.size, mime_type: file.type || "application/octet-stream" };
  const { data } = await client.request("attachments.create", params);
  if (!isAttachment(data))
    throw new ConnectionError("attachments.create was answered without an attachment.");
  const { upload_descriptor: place, ...attachment } = data;
  upload.attachment = attachment;
  signal.throwIfAborted();
  if (place) {
    const { url, method, headers = {} } = place;
    const isForm = method.toUpperCase() === "POST";
    const type = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
    const all = isForm || type ? headers : { ...headers, "Content-Type": params.mime_type };
    await byRequest(isForm ? formOf(file) : file, { url, method, headers: all, signal, progressed });
  }
  return attachment;
}

/** @param {File} file */
function formOf(file) {
  const form = new FormData();
  form.append("file", file, file.name || "file");
  return form;
}

/** Without a signal: whoever gave `api.fetch` takes an abort for Stop.
 * @param {Fetch} fetch @param {string} url @param {FormData} body */
async function byFetch(fetch, url, body) {
  const response = await fetch(url, { method: "POST", body }).catch((error) => {
    throw new ConnectionError(error);
  });
  if (!response.ok) throw await refusal(response);
  return response.json();
}

/** Only this can tell how far the bytes are. @type {Sender} */
function byRequest(body, { url, method, headers, signal, progressed }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) =>
      progressed(total ? loaded / total : 0),
    );
    request.addEventListener("error", () => reject(new ConnectionError(url)));
    request.addEventListener("abort", () => reject(new DOMException("Withdrawn", "AbortError")));
    request.addEventListener("load", async () => {
      if (request.status < 200 || request.status >= 300) {
        reject(
          await refusal(
            new Response(request.responseText || null, { status: Math.max(request.status, 400) }),
          ),
        );
      } else resolve(parsed(request.responseText));
    });
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {unknown} answer @returns {answer is Attachment} */
function isAttachment(answer) {
  return (
    typeof answer === "object" &&
    answer !== null &&
    typeof (/** @type {Attachment} */ (answer).id) === "string"
  );
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
