import { CampanileBell } from "./bell.js";

// Loading the module twice, as two versions of a page's parts may, must not throw.
if (!customElements.get("campanile-bell")) customElements.define("campanile-bell", CampanileBell);

export { CampanileBell } from "./bell.js";
export type { EventIcon, IconName, Tone } from "../feed/icons.js";
export type { Labels } from "../feed/labels.js";
export type { TokenSource } from "../kit/element.js";
export type { Placement } from "../kit/placement.js";
export type { Plural } from "../kit/words.js";

declare global {
  interface HTMLElementTagNameMap {
    "campanile-bell": CampanileBell;
  }
}
