// What a browser may know about its own token. The signature is the server's to check; here only the time it
// ends and whom it is for are read, to renew it in time and to notice that another user signed in.

export interface TokenClaims {
  /** Milliseconds since 1970, or null when the token does not say. */
  expiresAt: number | null;
  subject: string | null;
}

export function readToken(token: string): TokenClaims {
  try {
    const payload = token.split(".")[1] ?? "";
    const base64 = payload.replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { exp?: unknown; sub?: unknown };
    return {
      expiresAt: typeof claims.exp === "number" ? claims.exp * 1000 : null,
      subject: typeof claims.sub === "string" ? claims.sub : null,
    };
  } catch {
    return { expiresAt: null, subject: null };
  }
}

/** `setTimeout` holds 31 bits; a longer wait is taken in parts by looking again. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** How long to wait before renewing: a minute early, or half of what is left where that is less. */
export function renewalDelay(expiresAt: number, now: number): number {
  const left = Math.max(0, expiresAt - now);
  return Math.min(left - Math.min(60_000, left / 2), LONGEST_TIMER);
}
