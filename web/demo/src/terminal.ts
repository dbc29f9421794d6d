// Commands to copy.

import type { Config } from "./api.js";
import { h } from "../../page/dom.js";

export function commandBlocks(commands: Config["commands"]): HTMLElement[] {
  return commands.map(({ title, command }) => {
    const copy = h("button", { type: "button", "aria-label": `Copy: ${title}` }, "Copy");
    copy.addEventListener("click", () => void copyText(command, copy));
    return h(
      "figure",
      { class: "command" },
      h("figcaption", {}, title, copy),
      h("pre", { tabindex: "0" }, command),
    );
  });
}

async function copyText(text: string, button: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    // Without a secure origin there is no clipboard: mark the text, so that a key press copies it.
    const pre = button.closest("figure")?.querySelector("pre");
    if (pre) getSelection()?.selectAllChildren(pre);
    button.textContent = "Selected";
  }
  setTimeout(() => (button.textContent = "Copy"), 1_500);
}
