// Follows the system until somebody chooses; then the choice is kept.

import { glyph } from "./dom.js";

const SUN =
  "M12 7.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4";
const MOON = "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z";

const system = matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;

function isDark(): boolean {
  return root.dataset["theme"] ? root.dataset["theme"] === "dark" : system.matches;
}

export function themeToggle(button: HTMLButtonElement): void {
  const draw = () => {
    button.replaceChildren(glyph(isDark() ? SUN : MOON));
    button.ariaLabel = isDark() ? "Switch to light" : "Switch to dark";
  };
  button.addEventListener("click", () => {
    root.dataset["theme"] = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("campanile-theme", root.dataset["theme"]);
    } catch {
      // No storage: the choice holds for this page view.
    }
    draw();
  });
  system.addEventListener("change", draw);
  draw();
}
