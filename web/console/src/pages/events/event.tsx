import { useMemo, useState, type FormEvent } from "react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { Problem, call, type Schemas } from "../../api/client.js";
import { useRead } from "../../api/queries.js";
import { Badge } from "../../kit/badge.js";
import { Button } from "../../kit/button.js";
import { Code, Id } from "../../kit/code.js";
import { Input } from "../../kit/field.js";
import { Facts, Page, Section } from "../../kit/page.js";
import { Failed, Loaded, Skeleton } from "../../kit/state.js";
import { Ago } from "../../kit/time.js";
import { Considered, Programs, RunLine } from "../../show/trace.js";
import { Link } from "@tanstack/react-router";
import "../../show/show.css";
import "./event.css";

/**
 * An event is read below its application. An address that does not name it (out of a trace, typed by hand) is
 * looked for in each.
 */
async function findEvent(event: string, app: string | undefined): Promise<Schemas["EventView"]> {
  const read = (own: string) =>
    call("get", "/api/v1/apps/{app}/events/{event}", { path: { app: own, event } });
  if (app) return read(app);
  let cursor: string | undefined;
  do {
    const page = await call("get", "/api/v1/apps", { query: { limit: 100, cursor } });
    for (const { id } of page.data) {
      try {
        return await read(id);
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 404) throw error;
      }
    }
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  throw new Problem(404, "not_found", "There is no such event.");
}

export function EventPage() {
  const { event: id } = useParams({ from: "/shell/events/$event" });
  const { app, user } = useSearch({ from: "/shell/events/$event" });
  const event = useQuery<Schemas["EventView"], Problem>({
    queryKey: ["/api/v1/apps/{app}/events/{event}", { event: id, app }],
    queryFn: () => findEvent(id, app),
  });
  const trace = useRead("/api/v1/events/{event}/trace", { path: { event: id }, query: { limit: 100 } });
  return (
    <Page
      title={event.data?.type ?? trace.data?.type ?? "Event"}
      up={{ to: "/events", label: "Events" }}
      beside={<Id id={id} copy />}
    >
      <div className="event">
        <div className="stack loose">
          <Section title="Who got it, and why">
            <Loaded query={trace} skeleton={<Skeleton lines={8} />}>
              {(found) => <Followed trace={found} event={id} user={user} />}
            </Loaded>
          </Section>
        </div>
        <div className="stack loose">
          <Loaded query={event}>{(found) => <Payload event={found} />}</Loaded>
        </div>
      </div>
    </Page>
  );
}

function Payload({ event }: { event: Schemas["EventView"] }) {
  return (
    <>
      <Section title="Event" card>
        <Facts
          facts={[
            ["Received", <Ago at={event.created_at} />],
            event.occurred_at !== event.created_at && ["Happened", <Ago at={event.occurred_at} />],
            [
              "Application",
              <Link className="link" to="/applications/$app" params={{ app: event.app_id }}>
                <code>{event.app_id}</code>
              </Link>,
            ],
            [
              "Tenant",
              event.tenant ? (
                <Link className="link" to="/tenants/$tenant" params={{ tenant: event.tenant }}>
                  {event.tenant}
                </Link>
              ) : null,
            ],
            ["Category", event.category],
            ["Entity", event.entity ? `${event.entity.type} ${event.entity.id}` : null],
            event.external_id ? ["Its own id", <code>{event.external_id}</code>] : null,
            event.users.length > 0 ? ["Names", event.users.join(", ")] : null,
          ]}
        />
      </Section>
      <Section title="Payload">
        <Code value={event.data} label="Payload" />
      </Section>
    </>
  );
}

function Followed({
  trace,
  event,
  user,
}: {
  trace: Schemas["TraceView"];
  event: string;
  user: string | undefined;
}) {
  const people = useMemo(() => trace.runs.filter((run) => run.user_id), [trace]);
  const tenant = trace.runs.filter((run) => !run.user_id);
  return (
    <div className="stack loose">
      <AskAbout event={event} user={user} trace={trace} />
      {user ? null : (
        <>
          <Section title="Workflows">
            <Considered workflows={trace.workflows} />
          </Section>
          {people.length > 0 || trace.workflows.some(({ starts }) => starts) ? (
            <Section
              title="People"
              about={`${people.length} ${people.length === 1 ? "person" : "people"} reached`}
            >
              <div className="stack tight">
                {people.length === 0 ? <p className="muted">The workflows named nobody.</p> : null}
                {people.map((run) => (
                  <RunLine key={run.id} run={run} />
                ))}
                {trace.next_cursor ? (
                  <p className="muted">Only the first hundred are shown. Ask for somebody by id.</p>
                ) : null}
              </div>
            </Section>
          ) : null}
          {tenant.length > 0 ? (
            <Section title="The tenant’s own channels">
              {tenant.map((run) => (
                <RunLine key={run.id} run={run} />
              ))}
            </Section>
          ) : null}
          {trace.other_runs.length > 0 ? (
            <Section
              title="Gone on later"
              about="Runs that those were gathered into, or that a held step goes on as."
            >
              <div className="stack tight">
                {trace.other_runs.map((run) => (
                  <RunLine key={run.id} run={run} />
                ))}
              </div>
            </Section>
          ) : null}
          <Section title="Programs">
            <Programs webhooks={trace.webhooks} />
          </Section>
        </>
      )}
    </div>
  );
}

/** "Why did Ada get nothing?" */
function AskAbout({
  event,
  user,
  trace,
}: {
  event: string;
  user: string | undefined;
  trace: Schemas["TraceView"];
}) {
  const [text, setText] = useState(user ?? "");
  const navigate = useNavigate();
  const search = useSearch({ from: "/shell/events/$event" });
  const own = useRead(
    "/api/v1/users/{user}/trace",
    { path: { user: user ?? "" }, query: { event } },
    { enabled: Boolean(user) },
  );
  const ask = (about: string) =>
    void navigate({
      to: "/events/$event",
      params: { event },
      search: { ...(search.app ? { app: search.app } : {}), ...(about ? { user: about } : {}) },
    });
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault();
    ask(text.trim());
  };
  return (
    <div className="stack tight">
      <form className="row" onSubmit={submit}>
        <Input
          aria-label="Why did this user get it, or not?"
          placeholder="Ask about one user: ada"
          value={text}
          data-find=""
          onChange={(changed) => setText(changed.target.value)}
        />
        <Button type="submit">Ask</Button>
        {user ? (
          <Button
            look="ghost"
            onClick={() => {
              setText("");
              ask("");
            }}
          >
            Show all
          </Button>
        ) : null}
      </form>
      {user ? (
        own.data ? (
          <Answer user={user} runs={[...own.data.runs, ...own.data.other_runs]} trace={trace} />
        ) : own.error ? (
          <Failed problem={own.error} retry={() => void own.refetch()} />
        ) : (
          <Skeleton lines={4} />
        )
      ) : null}
    </div>
  );
}

function Answer({
  user,
  runs,
  trace,
}: {
  user: string;
  runs: Schemas["TracedRunView"][];
  trace: Schemas["TraceView"];
}) {
  if (runs.length > 0) {
    const steps = runs.flatMap((run) => run.steps);
    const got = steps.filter(({ outcome }) => outcome === "done").length;
    return (
      <div className="stack tight">
        <p className="row wrap">
          <Badge tone={got > 0 ? "good" : "wait"}>{got > 0 ? "Reached" : "Got nothing"}</Badge>
          <span>
            <strong className="strong">{user}</strong> got {got} of {steps.length}. What decided the others
            stands below.
          </span>
        </p>
        {runs.map((run) => (
          <RunLine key={run.id} run={run} />
        ))}
      </div>
    );
  }
  const started = trace.workflows.filter(({ starts }) => starts);
  return (
    <div className="stack tight">
      <p className="row wrap">
        <Badge tone="bad">Got nothing</Badge>
        <span>
          <strong className="strong">{user}</strong>{" "}
          {trace.workflows.length === 0
            ? "got nothing: no workflow is started by events of this type."
            : started.length === 0
              ? "got nothing: no workflow was started. What its triggers found:"
              : `got nothing: ${started.map(({ workflow }) => workflow).join(" and ")} started, and did not name them.`}
        </span>
      </p>
      {started.length === 0 ? <Considered workflows={trace.workflows} /> : null}
    </div>
  );
}
