/**
 * The element for pages that load it by one classic script, as they would load OpenAI's:
 *
 *     <script src="/static/chatkit/chatkit.js" async></script>
 *
 * The tag is defined at once; what is called before the rest of the modules is there, is done when it is. The
 * packages that they import are looked for in `../npm/`, or in the folder that `data-packages` names, unless the page
 * has an import map that knows them. A page that has two of this script has one element, and keeps its own names.
 */
(() => {
  const TAG = "openai-chatkit";
  if (customElements.get(TAG)) return;
  const FAILED = "The chat couldn’t be loaded. Load the page again in a moment.";
  const CALLS = /** @type {const} */ ([
    "focusComposer",
    "setThreadId",
    "sendCustomAction",
    "sendUserMessage",
    "setComposerValue",
    "showHistory",
    "hideHistory",
    "fetchUpdates",
  ]);

  /** @typedef {import("./kit.js").Kit} Kit */
  /** @typedef {import("./types.js").Options} Options */

  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const packages = knowsPackages() ? Promise.resolve() : addImportMap();
  /** By its whole address: a script of another origin has no place from which to go. @type {Promise<typeof import("./kit.js")>} */
  const loading = packages.then(() => import(new URL("kit.js", script.src).href));

  /** There at once for later elements. @type {typeof import("./kit.js").Kit | null} */
  let LoadedKit = null;
  loading.then(
    ({ Kit }) => {
      LoadedKit = Kit;
    },
    () => {}, // each element says it
  );

  /** What element.js is, for pages that can't wait for it. */
  class EarlyElement extends HTMLElement {
    /** @type {Kit | null} */
    #kit = null;
    /** What was set before there was a kit. @type {Options | null} */
    #early = null;
    /** @type {Promise<Kit>} */
    #ready;

    constructor() {
      super();
      if (Object.hasOwn(this, "options")) {
        this.#early = this.options;
        // @ts-expect-error: this removes the plain property that hides the accessor
        delete this.options;
      }
      this.#ready = LoadedKit
        ? Promise.resolve(this.#begin(new LoadedKit(this)))
        : loading.then(({ Kit }) => this.#begin(new Kit(this)));
      this.#ready.catch((error) => this.#failed(error));
    }

    connectedCallback() {
      this.#kit?.connected();
    }

    disconnectedCallback() {
      this.#kit?.disconnected();
    }

    /** Moved by moveBefore(): nothing has changed. */
    connectedMoveCallback() {}

    get options() {
      return this.#kit ? this.#kit.options : this.#early;
    }

    set options(options) {
      if (options) this.setOptions(options);
    }

    /** @param {Options} options */
    setOptions(options) {
      if (this.#kit) this.#kit.setOptions(options);
      else this.#early = options;
    }

    /** Do a published call, now or when that is possible.
     * @param {typeof CALLS[number]} name @param {unknown[]} args */
    async call(name, args) {
      const kit = await this.#ready;
      const method = /** @type {(...args: unknown[]) => Promise<void>} */ (kit[name]);
      await method.apply(kit, args);
    }

    /** @param {Kit} kit */
    #begin(kit) {
      this.#kit = kit;
      if (this.isConnected) kit.connected();
      try {
        if (this.#early) kit.setOptions(this.#early);
      } catch (error) {
        reportError(error); // the kit has said it in its place, and goes on with better ones
      }
      return kit;
    }

    /** @param {unknown} error */
    #failed(error) {
      if (!this.#kit) (this.shadowRoot ?? this.attachShadow({ mode: "open" })).textContent = FAILED;
      this.dispatchEvent(new CustomEvent("chatkit.error", { detail: { error }, bubbles: true }));
    }
  }

  for (const name of CALLS) {
    Object.defineProperty(EarlyElement.prototype, name, {
      /** @this {EarlyElement} @param {unknown[]} args */
      value(...args) {
        return this.call(name, args);
      },
    });
  }
  customElements.define(TAG, EarlyElement);

  /** Whether the page's own import map leads to what the modules import. */
  function knowsPackages() {
    const maps = [...document.querySelectorAll('script[type="importmap"]')];
    return maps.some((map) => map.textContent?.includes('"lit/html.js"'));
  }

  /** Tell the browser where the packages are. A strict policy lets it through by this script's own nonce. */
  async function addImportMap() {
    const folder = new URL(script.dataset.packages ?? "../npm/", script.src).href;
    const response = await fetch(new URL("packages.json", script.src));
    /** @type {[string, string][]} */
    const files = Object.entries(await response.json());
    const imports = Object.fromEntries(files.map(([name, file]) => [name, folder + file]));
    const map = document.createElement("script");
    map.type = "importmap";
    map.nonce = script.nonce;
    map.text = /** @type {string} */ (trusted(JSON.stringify({ imports })));
    document.head.append(map);
  }

  /** @param {string} text @returns {unknown} */
  function trusted(text) {
    /** @typedef {{createPolicy(name: string, rules: object): {createScript(text: string): unknown}}} TrustedTypes */
    const { trustedTypes } = /** @type {{trustedTypes?: TrustedTypes}} */ (/** @type {unknown} */ (window));
    const rules = { createScript: (/** @type {string} */ given) => given };
    return trustedTypes ? trustedTypes.createPolicy("chatkit", rules).createScript(text) : text;
  }
})();
