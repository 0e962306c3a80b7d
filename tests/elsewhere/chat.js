/** The element behind a stock ChatKit server: the options of the published package, nothing else. */

import "/static/chatkit/define.js";

const chat = document.getElementById("chat");

/** What the page was asked to do itself; the tests read it. */
window.heard = [];

chat.setOptions({
  api: { url: "/chatkit", domainKey: "" },
  locale: "en-GB",
  history: { enabled: false },
  widgets: {
    async onAction(action, item) {
      window.heard.push({ action, item: { id: item.id, type: item.widget.type } });
    },
  },
});
