/** What each option does to an element, for a browser to try: see tests/browser/test_options.py. */
{
  const ICON = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>";
  const noop = () => {};
  const find = (root, selector) => root.querySelector(selector);
  const style = (root, selector, name) => getComputedStyle(find(root, selector)).getPropertyValue(name);
  const says = (root, selector, words) => find(root, selector)?.textContent.includes(words) ?? false;
  const placeholder = (root) => find(root, ".composer__text")?.placeholder;
  const button = (root, label) => find(root, `button[aria-label="${label}"]`) !== null;

  /** Each option with a value, and whether that shows: in the start of a conversation, or in one. */
  const START = [
    ["locale", { locale: "de" }, (root) => find(root, ".root").lang === "de" && button(root, "Senden")],
    ["theme", { theme: "dark" }, (root) => getComputedStyle(root.host).colorScheme === "dark"],
    [
      "theme.colorScheme",
      { theme: { colorScheme: "dark" } },
      (root) => getComputedStyle(root.host).colorScheme === "dark",
    ],
    [
      "theme.radius",
      { theme: { radius: "sharp" } },
      (root) => style(root, ".composer", "border-start-start-radius") === "2px",
    ],
    [
      "theme.density",
      { theme: { density: "compact" } },
      (root) => style(root, ".frame", "--density") === "0.8",
    ],
    [
      "theme.typography.baseSize",
      { theme: { typography: { baseSize: 18 } } },
      (root) => style(root, ".composer__text", "font-size") === "18px",
    ],
    [
      "theme.typography.fontFamily",
      { theme: { typography: { fontFamily: "Georgia" } } },
      (root) => style(root, ".composer__text", "font-family") === "Georgia",
    ],
    [
      "theme.typography.fontFamilyMono",
      { theme: { typography: { fontFamilyMono: "Courier" } } },
      (root) => style(root, ".frame", "--font-mono") === "Courier",
    ],
    [
      "theme.color.accent",
      { theme: { color: { accent: { primary: "#7a1f5c", level: 2 } } } },
      (root) => root.host.style.cssText.includes("#7a1f5c"),
    ],
    [
      "theme.color.surface",
      { theme: { color: { surface: { background: "#fff8e7", foreground: "#222222" } } } },
      (root) => style(root, ".chat", "background-color") === "rgb(255, 248, 231)",
    ],
    [
      "theme.color.grayscale",
      { theme: { color: { grayscale: { hue: 0, tint: 9, shade: 1 } } } },
      (root) => root.host.style.cssText.includes("--"),
    ],
    ["frameTitle", { frameTitle: "The desk" }, (root) => find(root, ".chat").ariaLabel === "The desk"],
    ["header.enabled", { header: { enabled: false } }, (root) => !find(root, ".head")],
    [
      "header.title.enabled",
      { header: { title: { enabled: false } } },
      (root) => !find(root, ".head__title").textContent.trim(),
    ],
    [
      "header.title.text",
      { header: { title: { text: "Help" } } },
      (root) => says(root, ".head__title", "Help"),
    ],
    [
      "header.leftAction",
      { header: { leftAction: { icon: "home", onClick: noop } } },
      (root) => button(root, "home"),
    ],
    [
      "header.rightAction",
      { header: { rightAction: { icon: "dark-mode", onClick: noop } } },
      (root) => button(root, "dark mode"),
    ],
    ["history.enabled", { history: { enabled: false } }, (root) => !find(root, ".rail")],
    [
      "history.showDelete",
      { history: { showDelete: false } },
      (root) => find(root, ".rail__row .menu__item") && !find(root, ".menu__item--danger"),
    ],
    [
      "history.showRename",
      { history: { showRename: false } },
      (root) => find(root, ".rail__row .menu")?.children.length === 1 && find(root, ".menu__item--danger"),
    ],
    ["history.search", { history: { search: async () => [] } }, (root) => find(root, "input[type=search]")],
    [
      "startScreen.greeting",
      { startScreen: { greeting: "Ahoy" } },
      (root) => says(root, ".start h2", "Ahoy"),
    ],
    [
      "startScreen.subtitle",
      { startScreen: { subtitle: "And now?" } },
      (root) => says(root, ".start", "And now?"),
    ],
    [
      "startScreen.placeholder",
      { startScreen: { placeholder: "First" } },
      (root) => placeholder(root) === "First",
    ],
    [
      "startScreen.prompts",
      { startScreen: { prompts: [{ label: "Bags", prompt: "Bags?", icon: "suitcase" }] } },
      (root) => says(root, ".prompt", "Bags"),
    ],
    [
      "composer.placeholder",
      { composer: { placeholder: "Ask us" } },
      (root) => placeholder(root) === "Ask us",
    ],
    [
      "composer.attachments",
      { composer: { attachments: { enabled: true, accept: { "image/png": [".png"] } } } },
      (root) => find(root, ".composer__picker")?.accept.includes("image/png"),
    ],
    [
      "composer.tools",
      { composer: { tools: [{ id: "t", label: "Look up", icon: "search", pinned: true }] } },
      (root) => says(root, ".pin", "Look up"),
    ],
    [
      "composer.models",
      { composer: { models: [{ id: "m", label: "Quick" }] } },
      (root) => says(root, ".model", "Quick"),
    ],
    ["composer.dictation", { composer: { dictation: { enabled: true } } }, (root) => button(root, "Dictate")],
    [
      "disclaimer.text",
      { disclaimer: { text: "Check what **matters**." } },
      (root) => says(root, "[part=disclaimer] strong", "matters"),
    ],
    [
      "disclaimer.highContrast",
      { disclaimer: { text: "Check.", highContrast: true } },
      (root) => find(root, ".dock__small--strong"),
    ],
    [
      "entities.showComposerMenu",
      { entities: { onTagSearch: async () => [], showComposerMenu: true } },
      (root) => button(root, "Mention"),
    ],
  ];
  const THREAD = [
    [
      "disclaimer",
      { disclaimer: { text: "Check it." } },
      (root) => says(root, ".dock [part=disclaimer]", "Check it."),
    ],
    [
      "threadItemActions.feedback",
      { threadItemActions: { feedback: true } },
      (root) => button(root, "Good answer"),
    ],
    [
      "threadItemActions.retry",
      { threadItemActions: { retry: true } },
      (root) => button(root, "Answer again"),
    ],
    ["entities.onClick", { entities: { onClick: noop } }, (root) => find(root, "button.source")],
    [
      "entities.onRequestPreview",
      { entities: { onRequestPreview: async () => ({ preview: null }) } },
      (root) => find(root, "button.source"),
    ],
    ["avatars.assistant", { avatars: { assistant: ICON } }, (root) => find(root, "[part~=assistant-avatar]")],
    ["avatars.user", { avatars: { user: ICON } }, (root) => find(root, "[part~=user-avatar]")],
  ];

  /** Functions: how the page's own comes to be called, from an open conversation. */
  const press = (root, selector) => find(root, selector).click();
  const type = (root, text) => {
    const field = find(root, ".composer__text");
    field.focus();
    field.value = text;
    field.setSelectionRange(text.length, text.length);
    field.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true }));
  };
  const CALLS = [
    ["api.fetch", (api) => api, (root) => root.host.fetchUpdates()],
    [
      "header.leftAction.onClick",
      (onClick) => ({ header: { leftAction: { icon: "home", onClick } } }),
      (root) => press(root, "button[aria-label=home]"),
    ],
    [
      "header.rightAction.onClick",
      (onClick) => ({ header: { rightAction: { icon: "share", onClick } } }),
      (root) => press(root, "button[aria-label=share]"),
    ],
    ["entities.onClick", (onClick) => ({ entities: { onClick } }), (root) => press(root, "button.source")],
    [
      "entities.onRequestPreview",
      (onRequestPreview) => ({ entities: { onRequestPreview } }),
      (root) => find(root, "button.source").dispatchEvent(new PointerEvent("pointerenter")),
    ],
    [
      "entities.onTagSearch",
      (onTagSearch) => ({ entities: { onTagSearch } }),
      (root) => type(root, `@${performance.now()}`),
    ],
    [
      "commands.onSearch",
      (onSearch) => ({ commands: { enabled: true, onSearch } }),
      (root) => type(root, `/${Math.floor(performance.now())}`),
    ],
    [
      "widgets.onAction",
      (onAction) => ({ widgets: { onAction } }),
      (root) =>
        [...root.querySelectorAll(".widget button")]
          .find(({ textContent }) => /Here/.test(textContent))
          .click(),
    ],
  ];

  const until = async (holds, what) => {
    for (let tries = 0; tries < 300; tries += 1) {
      if (holds()) return true;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return what;
  };

  /** Try each: given before the element is in the page, given later, and taken away. Returns what doesn't hold. */
  globalThis.tryOptions = async (element, base, isThread) => {
    const wrong = [];
    const check = async (holds, what) => {
      const found = await until(holds, what);
      if (found !== true) wrong.push(found);
    };
    const root = element.shadowRoot;
    for (const [name, given, shows] of isThread ? THREAD : START) {
      if (shows(root)) wrong.push(`${name} shows without being set`);
      element.setOptions({ ...base, ...given });
      await check(() => shows(root), `${name}, set later`);
      element.setOptions({ ...base, [Object.keys(given)[0]]: undefined });
      await check(() => !shows(root), `${name}, taken away`);
      const early = document.createElement("openai-chatkit");
      early.setOptions({ ...base, ...given });
      document.body.append(early);
      await check(
        () => find(early.shadowRoot, ".composer__text") && shows(early.shadowRoot),
        `${name}, set before`,
      );
      early.remove();
    }
    return wrong;
  };

  /** Try each function: the one that was given last is called, and no other. */
  globalThis.tryCalls = async (element, base) => {
    const wrong = [];
    const root = element.shadowRoot;
    for (const [name, given, act] of CALLS) {
      for (const round of ["first", "second"]) {
        let calls = 0;
        const called = (...args) => {
          calls += 1;
          if (name === "api.fetch") return fetch(...args);
          return name.endsWith("Preview") ? Promise.resolve({ preview: null }) : Promise.resolve([]);
        };
        const options = name === "api.fetch" ? { api: { ...base.api, fetch: called } } : given(called);
        element.setOptions({ ...base, ...options });
        await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
        act(root);
        if ((await until(() => calls > 0, "")) !== true) wrong.push(`${name}, ${round}`);
      }
      element.setOptions(base);
    }
    return wrong;
  };
}
