// Follows the system until somebody chooses. `theme.js` sets what was chosen before the page is drawn.

import { useSyncExternalStore } from "react";

export type Theme = "auto" | "light" | "dark";
const KEPT = "campanile-theme";
const hearers = new Set<() => void>();

function current(): Theme {
  return (document.documentElement.dataset["theme"] as Theme | undefined) ?? "auto";
}

export function setTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  try {
    if (theme === "auto") localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, theme);
  } catch {
    // No storage: the choice holds for this page view.
  }
  for (const hearer of hearers) hearer();
}

export function useTheme(): Theme {
  return useSyncExternalStore((hearer) => (hearers.add(hearer), () => hearers.delete(hearer)), current);
}
