// What the address says behind its `#`: it is sent to nobody, and the token in it is taken out at once.

export type Part = "channels" | "webhooks";

export interface Address {
  token: string | null;
  part: Part | null;
  theme: "light" | "dark" | null;
}

/** Where a frame that is loaded anew finds its token. */
const KEPT = "campanile-portal-token";

function one<const T extends string>(value: string | null, ...words: T[]): T | null {
  return words.find((word) => word === value) ?? null;
}

export function readAddress(): Address {
  const said = new URLSearchParams(location.hash.slice(1));
  const token = said.get("token");
  if (token) {
    keep(token);
    said.delete("token");
    const rest = said.toString();
    history.replaceState(null, "", location.pathname + location.search + (rest ? `#${rest}` : ""));
  }
  return {
    token: token ?? kept(),
    part: one(said.get("part"), "channels", "webhooks"),
    theme: one(said.get("theme"), "light", "dark"),
  };
}

/** Notes which part is looked at, so that "back" leads to the one before. */
export function lookAt(part: Part): void {
  const said = new URLSearchParams(location.hash.slice(1));
  if (said.get("part") === part) return;
  said.set("part", part);
  history.pushState(null, "", `#${said}`);
}

function keep(token: string): void {
  try {
    sessionStorage.setItem(KEPT, token);
  } catch {
    // No storage in this frame: a reload asks for the link again.
  }
}

function kept(): string | null {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
