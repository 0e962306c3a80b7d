import { ChatKitElement } from "./element.js";

if (!customElements.get("openai-chatkit")) customElements.define("openai-chatkit", ChatKitElement);
