import { Link } from "@tanstack/react-router";
import Send from "lucide-react/icons/send";
import { useRows } from "../../api/queries.js";
import { Button } from "../../kit/button.js";
import { Listed } from "../../kit/listed.js";
import { Section } from "../../kit/page.js";
import { Empty, Failed, Skeleton } from "../../kit/state.js";
import { Ago } from "../../kit/time.js";
import { RunLine } from "../../show/trace.js";
import { Kind } from "../../words/channel.js";
import { StatusBadge, title } from "../../words/state.js";
import "../../show/show.css";

/** Every workflow the user went through with what decided each step, and every delivery. */
export function Got({ user }: { user: string }) {
  const deliveries = useRows("/api/v1/deliveries", { query: { user } }, { size: 25 });
  return (
    <div className="stack loose">
      <Section title="Deliveries" about="By mail and other channels; the feed has a tab of its own.">
        <Listed
          label="Deliveries"
          source={deliveries}
          id={({ id }) => id}
          columns={[
            { name: "Status", cell: ({ status }) => <StatusBadge status={status} /> },
            { name: "Channel", cell: ({ channel }) => <Kind kind={channel} /> },
            {
              name: "Workflow",
              spare: true,
              cell: ({ id, workflow }) => (
                <Link to="/deliveries" search={{ user, delivery: id }}>
                  {workflow}
                </Link>
              ),
            },
            {
              name: "What happened",
              spare: true,
              cell: ({ error, status }) =>
                error ? status === "skipped" ? title(error) : error : <span className="faint">–</span>,
            },
            {
              name: "Made",
              end: true,
              cell: ({ id, created_at }) => (
                <Link to="/deliveries" search={{ user, delivery: id }}>
                  <Ago at={created_at} />
                </Link>
              ),
            },
          ]}
          empty={<Empty icon={<Send aria-hidden />} title="Nothing was sent to them" />}
        />
      </Section>
      <Runs user={user} />
    </div>
  );
}

function Runs({ user }: { user: string }) {
  const { rows, query, more } = useRows("/api/v1/runs", { query: { user } }, { size: 10 });
  return (
    <Section title="Runs" about="Each is one workflow for one event, with what decided every step.">
      {rows.length === 0 ? (
        query.error ? (
          <Failed problem={query.error} retry={() => void query.refetch()} />
        ) : query.isPending ? (
          <Skeleton />
        ) : (
          <p className="muted">No workflow reached them.</p>
        )
      ) : (
        <div className="stack tight">
          {rows.map((run) => (
            <div key={run.id} className="stack tight">
              <RunLine run={{ ...run, deliveries: [] }} />
              <p className="small muted">
                <Ago at={run.created_at} />,{" "}
                <Link className="link" to="/events/$event" params={{ event: run.event_id }} search={{ user }}>
                  the event
                </Link>
              </p>
            </div>
          ))}
          {query.hasNextPage ? (
            <div>
              <Button busy={query.isFetchingNextPage} onClick={more}>
                Show more
              </Button>
            </div>
          ) : null}
        </div>
      )}
    </Section>
  );
}
