import { CampanilePreferences } from "./preferences.js";

if (!customElements.get("campanile-preferences"))
  customElements.define("campanile-preferences", CampanilePreferences);

export { CampanilePreferences } from "./preferences.js";
export type { PreferenceLabels } from "./labels.js";

declare global {
  interface HTMLElementTagNameMap {
    "campanile-preferences": CampanilePreferences;
  }
}
