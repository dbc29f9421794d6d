// Links come from whoever may publish a notification, so they are not trusted: only addresses that lead
// somewhere are followed, never ones that run something.

const FOLLOWED = new Set(["http:", "https:", "mailto:"]);

/** The address to follow, resolved against the page; null when it is not one to follow. */
export function safeLink(link: string | null | undefined): string | null {
  if (!link) return null;
  try {
    const url = new URL(link, document.baseURI);
    return FOLLOWED.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
