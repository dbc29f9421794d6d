import { useState } from "react";
import { Link } from "@tanstack/react-router";
import type { StatsView } from "../../api/coming.js";
import { useRead } from "../../api/queries.js";
import { Chart, short, type Series } from "../../charts/chart.js";
import { Choice } from "../../kit/field.js";
import { Page, Section } from "../../kit/page.js";
import { Loaded, Skeleton } from "../../kit/state.js";
import { Table } from "../../kit/table.js";
import { span } from "../../kit/time.js";
import { Kind, kindName } from "../../words/channel.js";
import { FirstSteps } from "./first-steps.js";
import { Attention, Health } from "./health.js";
import "./overview.css";

const SPANS = {
  hour: { label: "Hour", seconds: 3_600, step: 60 },
  day: { label: "Day", seconds: 86_400, step: 1_800 },
  week: { label: "Week", seconds: 7 * 86_400, step: 10_800 },
} as const;

export function Overview() {
  const [name, setName] = useState<keyof typeof SPANS>("day");
  const { seconds, step } = SPANS[name];
  // Whole steps: the same question for as long as one lasts.
  const to = Math.ceil(Date.now() / (step * 1000)) * step * 1000;
  const query = { from: new Date(to - seconds * 1000).toISOString(), to: new Date(to).toISOString(), step };
  const stats = useRead("/api/v1/statistics", { query }, { every: 15_000, keep: true });
  return (
    <Page
      title="Overview"
      actions={
        <Choice
          label="How far back"
          value={name}
          options={Object.entries(SPANS).map(([value, { label }]) => ({
            value: value as keyof typeof SPANS,
            label,
          }))}
          onChange={setName}
        />
      }
    >
      <FirstSteps />
      <Loaded query={stats} skeleton={<Skeleton lines={10} tall />}>
        {(found) => <Numbers stats={found} />}
      </Loaded>
    </Page>
  );
}

const sum = (points: number[]) => points.reduce((all, value) => all + value, 0);

/** The series of one name, added up over its channels or kept apart. */
function pick(stats: StatsView, name: string): Array<{ channel: string | null; points: number[] }> {
  return stats.series.filter((series) => series.name === name);
}
function added(rows: Array<{ points: number[] }>): number[] {
  const count = Math.max(0, ...rows.map(({ points }) => points.length));
  return Array.from({ length: count }, (_, index) =>
    rows.reduce((all, { points }) => all + (points[index] ?? 0), 0),
  );
}

function Numbers({ stats }: { stats: StatsView }) {
  const events = added(pick(stats, "events"));
  const notifications = added(pick(stats, "notifications"));
  const sent = pick(stats, "deliveries.sent");
  const failed = added(pick(stats, "deliveries.failed"));
  const attempts = added(pick(stats, "attempts.failed"));
  const allSent = sum(added(sent));
  // Nothing ever came in: empty charts would only stand in the way of the first steps.
  if (stats.series.every(({ points }) => sum(points) === 0)) return <Health health={stats.health} />;
  const rate = allSent + sum(failed) === 0 ? null : (100 * allSent) / (allSent + sum(failed));
  const tones = ["one", "two", "three"] as const;
  // Three colours are told apart; what is left is one series.
  const largest = [...sent].sort((a, b) => sum(b.points) - sum(a.points));
  const parts: Series[] = largest.slice(0, 2).map(({ channel, points }, index) => ({
    label: kindName(channel ?? "all"),
    tone: tones[index]!,
    points,
  }));
  if (largest.length > 2)
    parts.push({
      label: largest.length === 3 ? kindName(largest[2]!.channel ?? "") : "Others",
      tone: "three",
      points: added(largest.slice(2)),
    });
  const shared = { from: stats.from, stepSeconds: stats.step_seconds };
  return (
    <>
      <dl className="figures">
        <Figure name="Events" value={short(sum(events))} to="/events" />
        <Figure name="Notifications" value={short(sum(notifications))} />
        <Figure name="Sent" value={short(allSent)} to="/deliveries" />
        <Figure name="Arrived" value={rate === null ? "–" : `${rate.toFixed(rate > 99.9 ? 2 : 1)} %`} />
        <Figure name="Waiting" value={short(stats.health.backlog)} />
      </dl>
      <Attention stats={stats} failed={sum(failed)} />
      <div className="charts">
        <div className="card">
          <Chart
            title="Events and notifications"
            kind="line"
            unit="in all"
            {...shared}
            series={[
              { label: "Notifications", tone: "two", points: notifications },
              { label: "Events", tone: "one", points: events },
            ]}
          />
        </div>
        <div className="card">
          <Chart title="Deliveries sent" kind="columns" unit="deliveries" {...shared} series={parts} />
        </div>
        <div className="card">
          <Chart
            title="What failed"
            kind="columns"
            unit="in all"
            {...shared}
            series={[
              { label: "Deliveries given up", tone: "bad", points: failed },
              { label: "Attempts", tone: "three", points: attempts },
            ]}
          />
        </div>
        <Latency rows={stats.latency} />
      </div>
      <Health health={stats.health} />
    </>
  );
}

function Figure({ name, value, to }: { name: string; value: string; to?: string }) {
  return (
    <div>
      <dt>{to ? <Link to={to}>{name}</Link> : name}</dt>
      <dd className="number">{value}</dd>
    </div>
  );
}

function Latency({ rows }: { rows: StatsView["latency"] }) {
  const worst = Math.max(1, ...rows.map(({ p99_ms }) => p99_ms ?? 0));
  return (
    <div className="card">
      <Section title="Latency" about="From commit to the answer of who takes it.">
        {rows.length === 0 ? (
          <p className="muted">Nothing was sent in this time.</p>
        ) : (
          <Table
            label="Latency by channel"
            rows={rows}
            id={({ channel }) => channel}
            columns={[
              { name: "Channel", cell: ({ channel }) => <Kind kind={channel} /> },
              {
                name: "Half of them",
                end: true,
                cell: ({ p50_ms }) => <span className="number">{p50_ms === null ? "–" : span(p50_ms)}</span>,
              },
              {
                name: "99 of 100",
                end: true,
                cell: ({ p99_ms }) => <span className="number">{p99_ms === null ? "–" : span(p99_ms)}</span>,
              },
              {
                name: "Compared",
                silent: true,
                spare: true,
                width: "34%",
                cell: ({ p50_ms, p99_ms }) => (
                  <Bar half={(p50_ms ?? 0) / worst} most={(p99_ms ?? 0) / worst} />
                ),
              },
            ]}
          />
        )}
      </Section>
    </div>
  );
}

/** On a scale of roots, so that what is fast can still be seen beside what is slow. */
function Bar({ half, most }: { half: number; most: number }) {
  return (
    <span className="bar" aria-hidden>
      <span style={{ width: `${Math.sqrt(most) * 100}%` }} />
      <span style={{ width: `${Math.sqrt(half) * 100}%` }} />
    </span>
  );
}
