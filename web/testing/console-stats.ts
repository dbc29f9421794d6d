// The numbers of the console's fake server: a day of a product with a hole in it.

import type { StatsView } from "../console/src/api/coming.js";
import { chance } from "./console-data.js";
import type { Kept } from "./console-kept.js";

export function statsOf({ world, channels }: Kept, query: URLSearchParams): StatsView {
  const step = Number(query.get("step") ?? 900);
  const from = Date.parse(query.get("from") ?? new Date(world.now - 86_400_000).toISOString());
  const to = Date.parse(query.get("to") ?? new Date(world.now).toISOString());
  const count = Math.max(1, Math.round((to - from) / (step * 1000)));
  const quiet = world.apps.length === 0;
  const series = (
    name: StatsView["series"][number]["name"],
    channel: string | null,
    most: number,
    at: (x: number) => number = wave,
  ) => ({
    name,
    channel,
    points: Array.from({ length: count }, (_, index) =>
      quiet ? 0 : Math.round(most * at(index / count) * (0.8 + 0.4 * chance(name, channel ?? "", index))),
    ),
  });
  const trouble = (x: number) => (x > 0.68 && x < 0.76 ? 1 : 0.03 * wave(x));
  return {
    step_seconds: step,
    from: new Date(from).toISOString(),
    series: [
      series("events", null, 940),
      series("notifications", null, 1_480),
      series("deliveries.sent", "email", 210),
      series("deliveries.sent", "slack", 64),
      series("deliveries.sent", "webhook", 1_120),
      series("deliveries.failed", "email", 12, trouble),
      series("deliveries.failed", "webhook", 46, trouble),
      series("attempts.failed", "webhook", 120, trouble),
    ],
    latency: quiet
      ? []
      : [
          { channel: "in_app", p50_ms: 4, p99_ms: 19 },
          { channel: "email", p50_ms: 212, p99_ms: 1_840 },
          { channel: "slack", p50_ms: 164, p99_ms: 730 },
          { channel: "webhook", p50_ms: 38, p99_ms: 412 },
        ],
    health: {
      database: "up",
      nodes: [{ name: "node-1" }, ...(quiet ? [] : [{ name: "node-2" }])],
      backlog: quiet ? 0 : 37,
      outbox_lag_s: null,
      channels: [
        { channel: "in_app", status: "up", detail: null },
        {
          channel: "email",
          status: channels.some(({ channel }) => channel === "email") ? "up" : "off",
          detail: channels.some(({ channel }) => channel === "email")
            ? null
            : "No provider is set up for email",
        },
        {
          channel: "slack",
          status: quiet ? "off" : "sandbox",
          detail: quiet ? "No provider is set up for slack" : "Messages stay in the sandbox",
        },
        {
          channel: "webhook",
          status: quiet ? "up" : "degraded",
          detail: quiet ? null : "1 endpoint is disabled",
        },
      ],
    },
  };
}

/** Little at night, most at noon and in the afternoon. */
function wave(x: number): number {
  return (
    0.18 +
    0.62 * Math.max(0, Math.sin(x * Math.PI * 1.9 - 0.9)) +
    0.2 * Math.max(0, Math.sin(x * Math.PI * 6))
  );
}
