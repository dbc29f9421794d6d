import type { ReactNode } from "react";
import { Link } from "@tanstack/react-router";
import ArrowRight from "lucide-react/icons/arrow-right";
import CircleCheck from "lucide-react/icons/circle-check";
import TriangleAlert from "lucide-react/icons/triangle-alert";
import type { StatsView } from "../../api/coming.js";
import { useRead } from "../../api/queries.js";
import { Badge, type Tone } from "../../kit/badge.js";
import { Facts, Section } from "../../kit/page.js";
import { span } from "../../kit/time.js";
import { Kind, kindName } from "../../words/channel.js";
import { title } from "../../words/state.js";

const TONES: Record<string, Tone> = {
  up: "good",
  down: "bad",
  degraded: "wait",
  off: "quiet",
  sandbox: "info",
};

interface Matter {
  text: string;
  to: string;
  search?: Record<string, string>;
  bad: boolean;
}

/** What somebody should look at now, worst first; or that there is nothing. */
export function Attention({ stats, failed }: { stats: StatsView; failed: number }) {
  const undelivered = useRead("/api/v1/deliveries", { query: { undelivered: true, limit: 1 } });
  const { database, channels, backlog, outbox_lag_s } = stats.health;
  const matters: Matter[] = [];
  if (database !== "up") matters.push({ text: `The database is ${database}`, to: "/", bad: true });
  for (const { channel, status, detail } of channels) {
    const bad = status === "down";
    if (!bad && status !== "degraded") continue;
    const to = channel === "webhook" ? "/deliveries/webhooks" : `/settings/integrations/${channel}`;
    matters.push({ text: `${kindName(channel)}: ${detail ?? status}`, to, bad });
  }
  if (failed > 0 && (undelivered.data?.data.length ?? 0) > 0) {
    matters.push({
      text: `${failed.toLocaleString("en")} deliveries were given up`,
      to: "/deliveries",
      search: { undelivered: "true" },
      bad: false,
    });
  }
  if (backlog > 1_000)
    matters.push({
      text: `${backlog.toLocaleString("en")} deliveries wait`,
      to: "/deliveries",
      search: { status: "pending" },
      bad: false,
    });
  if ((outbox_lag_s ?? 0) > 60)
    matters.push({
      text: `The outbox is read ${span((outbox_lag_s ?? 0) * 1000)} late`,
      to: "/",
      bad: false,
    });
  matters.sort((a, b) => Number(b.bad) - Number(a.bad));
  return (
    <Section title="Needs attention">
      {matters.length === 0 ? (
        <p className="matter calm">
          <CircleCheck aria-hidden /> Nothing. What was to be sent was sent.
        </p>
      ) : (
        <ul className="matters">
          {matters.map(({ text, to, search, bad }) => (
            <li key={text}>
              <Link to={to} search={search ?? {}} className={`matter ${bad ? "bad" : ""}`}>
                <TriangleAlert aria-hidden />
                {text}
                <ArrowRight aria-hidden className="push" />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function Health({ health }: { health: StatsView["health"] }) {
  const facts: Array<[string, ReactNode] | false> = [
    ["Database", <Badge tone={TONES[health.database] ?? "bad"}>{title(health.database)}</Badge>],
    ["Nodes", <span className="number">{health.nodes.length}</span>],
    ["Waiting", <span className="number">{health.backlog.toLocaleString("en")}</span>],
    health.outbox_lag_s !== null && ["Outbox behind", span(health.outbox_lag_s * 1000)],
  ];
  return (
    <Section title="Health" card>
      <div className="health">
        <Facts facts={facts} />
        <ul className="stack tight">
          {health.channels.map(({ channel, status, detail }) => (
            <li key={channel} className="row wrap">
              <Kind kind={channel} />
              <Badge tone={TONES[status] ?? "wait"}>{title(status)}</Badge>
              {detail ? <span className="muted small">{detail}</span> : null}
            </li>
          ))}
        </ul>
      </div>
    </Section>
  );
}
