import { CampanileChannels } from "./channels.js";

if (!customElements.get("campanile-channels")) customElements.define("campanile-channels", CampanileChannels);

export { CampanileChannels } from "./channels.js";
export type { ChannelLabels } from "./labels.js";

declare global {
  interface HTMLElementTagNameMap {
    "campanile-channels": CampanileChannels;
  }
}
