import { CampanileBell } from "./bell.js";

// Loading the module twice, as two versions of a page's parts may, must not throw.
if (!customElements.get("campanile-bell")) customElements.define("campanile-bell", CampanileBell);

export { CampanileBell, type TokenSource } from "./bell.js";
export type { EventIcon, IconName, Tone } from "./icons.js";
export type { Labels, Plural } from "./labels.js";
export type { Placement } from "./placement.js";

declare global {
  interface HTMLElementTagNameMap {
    "campanile-bell": CampanileBell;
  }
}
