import { CampanileInbox } from "./inbox.js";

if (!customElements.get("campanile-inbox")) customElements.define("campanile-inbox", CampanileInbox);

export { CampanileInbox } from "./inbox.js";
export type { InboxLabels } from "./labels.js";

declare global {
  interface HTMLElementTagNameMap {
    "campanile-inbox": CampanileInbox;
  }
}
