import { CampanileWebhooks } from "./webhooks.js";

if (!customElements.get("campanile-webhooks")) customElements.define("campanile-webhooks", CampanileWebhooks);

export { CampanileWebhooks } from "./webhooks.js";
export type { WebhookLabels } from "./labels.js";

declare global {
  interface HTMLElementTagNameMap {
    "campanile-webhooks": CampanileWebhooks;
  }
}
