// The sheets that the elements of a page begin with.

import { unsafeCSS } from "lit";
import kit from "./kit.css?inline";
import states from "./states.css?inline";
import tabs from "./tabs.css?inline";
import tokens from "./tokens.css?inline";

export const PAGE_STYLES = [tokens, states, tabs, kit].map((css) => unsafeCSS(css));
