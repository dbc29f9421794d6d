import { useEffect } from "react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useQueries } from "@tanstack/react-query";
import WebhookIcon from "lucide-react/icons/webhook";
import { Problem, call, type Schemas } from "../../api/client.js";
import { useRead, useRows } from "../../api/queries.js";
import { LinkButton } from "../../kit/button.js";
import { Select } from "../../kit/field.js";
import { Rows } from "../../kit/rows.js";
import { Empty, Failed, Skeleton } from "../../kit/state.js";
import type { Column } from "../../kit/table.js";
import { Ago, span } from "../../kit/time.js";
import {
  DELIVERY_STATUSES,
  StatusBadge,
  WebhookBadge,
  title,
  type DeliveryStatus,
} from "../../words/state.js";
import { WebhookDeliverySheet } from "./webhook-delivery.js";
import { DeliveriesFrame } from "./frame.js";

type Row = Schemas["DeliveryView"];

const COLUMNS: Array<Column<Row>> = [
  { name: "Status", width: "100px", cell: ({ status }) => <StatusBadge status={status} /> },
  {
    name: "Event",
    main: true,
    width: "minmax(150px, 1.3fr)",
    cell: ({ event_type }) => <span className="strong">{event_type ?? "–"}</span>,
  },
  {
    name: "Answer",
    spare: true,
    width: "70px",
    cell: ({ status_code }) => (status_code ? <code>{status_code}</code> : <span className="faint">–</span>),
  },
  {
    name: "Took",
    spare: true,
    width: "80px",
    cell: ({ duration_ms }) => <span className="muted number">{duration_ms ? span(duration_ms) : "–"}</span>,
  },
  {
    name: "Attempts",
    spare: true,
    width: "80px",
    cell: ({ attempts }) => <span className="muted number">{attempts}</span>,
  },
  {
    name: "What happened",
    spare: true,
    width: "minmax(0, 1.4fr)",
    cell: ({ error }) =>
      error ? <span className="bad-text">{error}</span> : <span className="faint">–</span>,
  },
  {
    name: "Made",
    end: true,
    width: "84px",
    cell: ({ created_at }) => (
      <span className="muted">
        <Ago at={created_at} />
      </span>
    ),
  },
];

/** Every endpoint of every application, for the choice of whose log is shown. */
function useEndpoints() {
  const apps = useRead("/api/v1/apps", { query: { limit: 100 } });
  const lists = useQueries({
    queries: (apps.data?.data ?? []).map(({ id }) => ({
      queryKey: ["/api/v1/apps/{app}/webhooks", { app: id }, { limit: 100 }],
      queryFn: () => call("get", "/api/v1/apps/{app}/webhooks", { path: { app: id }, query: { limit: 100 } }),
    })),
  });
  const problem = apps.error ?? (lists.find(({ error }) => error)?.error as Problem | undefined) ?? null;
  const pending = apps.isPending || lists.some(({ isPending }) => isPending);
  const groups = (apps.data?.data ?? []).map((app, index) => ({
    app,
    webhooks: lists[index]?.data?.data ?? [],
  }));
  return {
    groups: groups.filter(({ webhooks }) => webhooks.length > 0),
    problem,
    pending,
    again: () => void apps.refetch(),
  };
}

export function WebhookDeliveries() {
  const search = useSearch({ from: "/shell/deliveries/webhooks" });
  const navigate = useNavigate();
  const { groups, problem, pending, again } = useEndpoints();
  const all = groups.flatMap(({ webhooks }) => webhooks);
  // The one that has trouble is the one that is looked for.
  const first =
    all.find(({ status, health }) => status !== "active" || (health?.failures ?? 0) > 0) ?? all[0];
  const chosen = all.find(({ id }) => id === search.webhook) ?? (search.webhook ? undefined : first);
  const set = (changed: Partial<typeof search>, replace = true) =>
    void navigate({
      to: "/deliveries/webhooks",
      search: { ...search, ...changed } as typeof search,
      replace,
    });
  useEffect(() => {
    if (chosen && !search.webhook) set({ app: chosen.app_id, webhook: chosen.id });
  });
  if (pending)
    return (
      <DeliveriesFrame>
        <Skeleton lines={12} tall />
      </DeliveriesFrame>
    );
  if (problem)
    return (
      <DeliveriesFrame>
        <Failed problem={problem} retry={again} />
      </DeliveriesFrame>
    );
  if (!chosen)
    return (
      <DeliveriesFrame>
        <Empty
          icon={<WebhookIcon aria-hidden />}
          title={search.webhook ? "There is no such webhook here" : "No webhook is set up"}
          action={<LinkButton to="/applications">Go to the applications</LinkButton>}
        >
          <p>An application’s webhooks get every event they subscribed to, signed.</p>
        </Empty>
      </DeliveriesFrame>
    );
  return (
    <DeliveriesFrame>
      <div className="filters" role="search" aria-label="Narrow the deliveries">
        <Select
          aria-label="Webhook"
          className="wide"
          value={chosen.id}
          onChange={(event) => {
            const next = all.find(({ id }) => id === event.target.value);
            if (next) set({ app: next.app_id, webhook: next.id, delivery: undefined });
          }}
        >
          {groups.map(({ app, webhooks }) => (
            <optgroup key={app.id} label={app.name}>
              {webhooks.map(({ id, url }) => (
                <option key={id} value={id}>
                  {url}
                </option>
              ))}
            </optgroup>
          ))}
        </Select>
        <Select
          aria-label="Status"
          value={search.status ?? ""}
          onChange={(event) => set({ status: event.target.value || undefined, delivery: undefined })}
        >
          <option value="">Any status</option>
          {DELIVERY_STATUSES.filter((one) => one !== "skipped" && one !== "delivered").map((one) => (
            <option key={one} value={one}>
              {title(one)}
            </option>
          ))}
        </Select>
        <WebhookBadge status={chosen.status} />
        {chosen.disabled_reason ? <span className="muted small">{chosen.disabled_reason}</span> : null}
        <Link
          className="link"
          to="/applications/$app/webhooks/$webhook"
          params={{ app: chosen.app_id, webhook: chosen.id }}
        >
          Open the webhook
        </Link>
      </div>
      <Log
        webhook={chosen}
        search={search}
        onOpen={(id) =>
          set({ app: chosen.app_id, webhook: chosen.id, delivery: id }, Boolean(search.delivery && id))
        }
      />
    </DeliveriesFrame>
  );
}

function Log({
  webhook,
  search,
  onOpen,
}: {
  webhook: Schemas["WebhookView"];
  search: { status?: string | undefined; event?: string | undefined; delivery?: string | undefined };
  onOpen: (id: string | undefined) => void;
}) {
  const source = useRows("/api/v1/apps/{app}/webhooks/{webhook}/deliveries", {
    path: { app: webhook.app_id, webhook: webhook.id },
    query: { status: search.status as DeliveryStatus | undefined, event: search.event },
  });
  return (
    <div className={`beside ${search.delivery ? "open" : ""}`}>
      <Rows
        label="Deliveries to the webhook"
        source={source}
        columns={
          search.delivery
            ? COLUMNS.filter(({ name }) => name !== "What happened" && name !== "Took")
            : COLUMNS
        }
        id={(row) => row.id}
        chosen={search.delivery}
        onOpen={(row) => onOpen(row.id)}
        empty={
          <Empty
            icon={<WebhookIcon aria-hidden />}
            title={search.status ? "No delivery is like this" : "Nothing was sent here yet"}
          >
            <p>Send a test from the webhook’s page, or publish an event it subscribed to.</p>
          </Empty>
        }
      />
      {search.delivery ? (
        <WebhookDeliverySheet
          app={webhook.app_id}
          webhook={webhook.id}
          id={search.delivery}
          onClose={() => onOpen(undefined)}
        />
      ) : null}
    </div>
  );
}
