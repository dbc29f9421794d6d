// Waiting between tries. Every wait is jittered, so that a thousand clients which lost one server at the same
// instant do not come back at the same instant.

export interface Backoff {
  /** The longest first wait, in milliseconds. */
  first: number;
  /** The longest wait of all, in milliseconds. */
  most: number;
}

/** The wait before try number `attempt` (0 is the first retry): between half and all of the doubled time. */
export function backoffDelay(attempt: number, { first, most }: Backoff, random: () => number): number {
  const ceiling = Math.min(most, first * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}

/** Reads `Retry-After`, in seconds or as a date; null when there is none or it makes no sense. */
export function retryAfter(header: string | null, now: number): number | null {
  if (!header) return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : null;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
