// Follows the live stream of the environment's events. By `fetch` and not `EventSource`: the environment is chosen by
// a header, and a refused connection says why.

import { headers, problemOf, type Problem, type Schemas } from "./client.js";

export type LiveState = "connecting" | "live" | "waiting" | "refused";
type EventView = Schemas["EventView"];

interface Listener {
  onEvent: (event: EventView) => void;
  onState: (state: LiveState, why?: Problem) => void;
  /** What was missed cannot be told: the list has to be read again. */
  onReset: () => void;
}

const PATIENCE = [500, 1_000, 2_000, 5_000, 10_000];
/** The server beats every 30 seconds; a line that is silent for longer is dead. */
const SILENCE = 75_000;

/** Listens until the returned function is called, and comes back where it was after every interruption. */
export function listen({ onEvent, onState, onReset }: Listener): () => void {
  const ended = new AbortController();
  let place: string | null = null;
  let failures = 0;

  const hear = (frame: Frame) => {
    if (frame.type === "event" && frame.event) onEvent(listed(frame.event));
    if (frame.type === "reset") onReset();
  };

  async function once(): Promise<void> {
    onState("connecting");
    const all = {
      ...headers("GET"),
      accept: "text/event-stream",
      ...(place ? { "last-event-id": place } : {}),
    };
    const line = new AbortController();
    const stop = () => line.abort();
    ended.signal.addEventListener("abort", stop);
    let silence = setTimeout(stop, SILENCE);
    try {
      const response = await fetch("/api/v1/events/stream", { headers: all, signal: line.signal });
      if (!response.ok || !response.body) throw await problemOf(response);
      onState("live");
      failures = 0;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(stop, SILENCE);
        const parts = (rest + value.replaceAll("\r\n", "\n")).split("\n\n");
        rest = parts.pop() ?? "";
        for (const part of parts) place = read(part, hear) ?? place;
      }
    } finally {
      clearTimeout(silence);
      ended.signal.removeEventListener("abort", stop);
    }
  }

  void (async () => {
    while (!ended.signal.aborted) {
      try {
        await once();
      } catch (error) {
        const why = error as Problem;
        if (why.status === 401 || why.status === 403) return onState("refused", why);
      }
      if (ended.signal.aborted) return;
      onState("waiting");
      const pause = PATIENCE[Math.min(failures++, PATIENCE.length - 1)]!;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  })();
  return () => ended.abort();
}

/** An event as the line tells it: as it looks outside. */
type Told = Pick<EventView, "id" | "type" | "app_id" | "entity" | "tenant" | "data"> & { timestamp: string };
interface Frame {
  type?: string;
  event?: Told;
}

/** The same as a row of the list; its own page has the rest. */
function listed({ timestamp, ...told }: Told): EventView {
  return { ...told, users: [], occurred_at: timestamp, created_at: timestamp };
}

/** Reads one message of the stream; answers the place it moves to. */
function read(part: string, hear: (frame: Frame) => void): string | null {
  let data = "";
  let id: string | null = null;
  for (const line of part.split("\n")) {
    if (line.startsWith("data:")) data += line.slice(5).trimStart();
    else if (line.startsWith("id:")) id = line.slice(3).trim();
  }
  if (data) {
    try {
      hear(JSON.parse(data) as Frame);
    } catch {
      // Half a message of a line that broke: it comes again.
      return null;
    }
  }
  return id;
}
