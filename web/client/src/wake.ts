// What tells a page that the world may have changed while it was not looking.

export interface WakeHandlers {
  /** The network came back, or the machine slept: the old line is worth nothing. */
  reconnect(): void;
  /** Somebody looks again: the old line may be fine, find out. */
  probe(): void;
  offline(): void;
}

const TICK = 5_000;
/** A tick this late means the machine slept; hidden pages get their timers late without it. */
const SLEPT = 30_000;

export function onWake(handlers: WakeHandlers): () => void {
  let last = Date.now();
  const ticker = setInterval(() => {
    const late = Date.now() - last - TICK;
    last = Date.now();
    if (late < SLEPT) return;
    if (visible()) handlers.reconnect();
    else handlers.probe();
  }, TICK);
  // In Node a waiting feed must not keep the program alive by this timer.
  (ticker as { unref?: () => void }).unref?.();

  const seen = () => visible() && handlers.probe();
  const page = typeof document === "undefined" ? null : document;
  const target = typeof addEventListener === "undefined" ? null : globalThis;
  page?.addEventListener("visibilitychange", seen);
  target?.addEventListener("online", handlers.reconnect);
  target?.addEventListener("offline", handlers.offline);
  return () => {
    clearInterval(ticker);
    page?.removeEventListener("visibilitychange", seen);
    target?.removeEventListener("online", handlers.reconnect);
    target?.removeEventListener("offline", handlers.offline);
  };
}

function visible(): boolean {
  return typeof document === "undefined" || document.visibilityState !== "hidden";
}

/** False only when the browser is sure that there is no network. */
export function mayBeOnline(): boolean {
  return typeof navigator === "undefined" || navigator.onLine !== false;
}
