/**
 * How a file goes to the server, by either of ChatKit's strategies. Progress is known where the browser sends the bytes
 * itself; a page that gave `api.fetch` sends a direct upload through it, which can't tell.
 * @import {Client} from "./client.js"
 * @import {Attachment, Fetch, Options} from "./types.js"
 * @import {Upload} from "./uploads.js"
 */

import { ConnectionError, refusal } from "./client.js";

/** @typedef {(body: XMLHttpRequestBodyInit, how: {url: string, method: string, headers: Record<string, string>,
 *   signal: AbortSignal, progressed: (share: number) => void}) => Promise<unknown>} Sender */

/** Send a file, and return what the server calls it.
 * @param {Upload} upload @param {File} file
 * @param {{client: Client, api: Options["api"], progressed: (share: number) => void}} how @returns {Promise<Attachment>} */
export function transfer(upload, file, { client, api, progressed }) {
  const strategy = "uploadStrategy" in api ? api.uploadStrategy : undefined;
  if (strategy?.type !== "direct") return twoPhase(upload, file, client, progressed);
  return direct(upload, file, strategy.uploadUrl, "fetch" in api ? api.fetch : undefined, progressed);
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
