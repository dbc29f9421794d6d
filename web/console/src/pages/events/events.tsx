import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import Activity from "lucide-react/icons/activity";
import Pause from "lucide-react/icons/pause";
import Play from "lucide-react/icons/play";
import type { Schemas } from "../../api/client.js";
import { listen, type LiveState } from "../../api/live.js";
import { useRead, useRows, type Rows as Source } from "../../api/queries.js";
import { Badge, type Tone } from "../../kit/badge.js";
import { Button } from "../../kit/button.js";
import { Page } from "../../kit/page.js";
import { Rows } from "../../kit/rows.js";
import { Empty } from "../../kit/state.js";
import type { Column } from "../../kit/table.js";
import { Ago } from "../../kit/time.js";
import { publishCommand } from "../../words/commands.js";
import { EventFilters } from "./filters.js";

type EventView = Schemas["EventView"];
type Search = ReturnType<typeof useFilters>;
function useFilters() {
  return useSearch({ from: "/shell/events" });
}

/** Whether an event that just came in belongs to what is listed: the rules of the server's own filters. */
function fits(event: EventView, search: Search): boolean {
  const entity = event.entity ? `${event.entity.type}:${event.entity.id}` : "";
  return (
    (!search.type || event.type === search.type) &&
    (!search.category || event.category === search.category) &&
    (!search.tenant || event.tenant === search.tenant) &&
    (!search.app || event.app_id === search.app) &&
    (!search.user || event.users.includes(search.user)) &&
    (!search.entity || entity === search.entity) &&
    !search.to
  );
}

const MOST_LIVE = 500;

/** What came in since the page was opened, held back while it is paused. */
function useTail(search: Search, onReset: () => void) {
  const [state, setState] = useState<LiveState>("connecting");
  const [events, setEvents] = useState<EventView[]>([]);
  const [waiting, setWaiting] = useState<EventView[]>([]);
  const [paused, setPaused] = useState(false);
  const latest = useRef({ search, paused, onReset });
  latest.current = { search, paused, onReset };
  useEffect(() => {
    setEvents([]);
    setWaiting([]);
  }, [search]);
  useEffect(
    () =>
      listen({
        onState: setState,
        onReset: () => latest.current.onReset(),
        onEvent: (event) => {
          const { search: now } = latest.current;
          // The line does not tell what these ask for: the list does.
          if (now.category || now.user) return latest.current.onReset();
          if (!fits(event, now)) return;
          const add = latest.current.paused ? setWaiting : setEvents;
          add((before) => [event, ...before].slice(0, MOST_LIVE));
        },
      }),
    [],
  );
  const pause = useCallback((on: boolean) => {
    setPaused(on);
    if (on) return;
    setWaiting((held) => {
      if (held.length > 0) setEvents((before) => [...held, ...before].slice(0, MOST_LIVE));
      return [];
    });
  }, []);
  return { state, events, waiting, paused, pause };
}

const LINE: Record<LiveState, [Tone, string]> = {
  live: ["good", "Live"],
  connecting: ["wait", "Connecting"],
  waiting: ["wait", "Reconnecting"],
  refused: ["bad", "Not live"],
};

const COLUMNS: Array<Column<EventView>> = [
  {
    name: "Type",
    main: true,
    width: "minmax(180px, 1.3fr)",
    cell: (event) => <span className="strong">{event.type}</span>,
  },
  {
    name: "Tenant",
    width: "minmax(90px, 0.7fr)",
    cell: ({ tenant }) => tenant ?? <span className="faint">–</span>,
  },
  {
    name: "Entity",
    spare: true,
    width: "minmax(120px, 0.9fr)",
    cell: ({ entity }) =>
      entity ? (
        <span className="muted">
          {entity.type} <code>{entity.id}</code>
        </span>
      ) : (
        <span className="faint">–</span>
      ),
  },
  {
    name: "Data",
    spare: true,
    width: "minmax(0, 2fr)",
    cell: ({ data }) => <code className="muted">{JSON.stringify(data)}</code>,
  },
  {
    name: "Received",
    end: true,
    width: "84px",
    cell: ({ created_at }) => (
      <span className="muted">
        <Ago at={created_at} />
      </span>
    ),
  },
];

/** The filters as the server has them: an entity is a kind and an id. */
function asked({ entity, ...rest }: Search) {
  const at = entity?.indexOf(":") ?? -1;
  if (!entity) return rest;
  return at < 0
    ? { ...rest, entity_type: entity }
    : { ...rest, entity_type: entity.slice(0, at), entity_id: entity.slice(at + 1) };
}

export function Events() {
  const search = useFilters();
  const navigate = useNavigate();
  const stored = useRows("/api/v1/events", { query: asked(search) });
  const apps = useRead("/api/v1/apps", { query: { limit: 100 } });
  const tail = useTail(search, () => void stored.query.refetch());
  const source = useMemo<Source<EventView>>(() => {
    const known = new Set(stored.rows.map(({ id }) => id));
    return { ...stored, rows: [...tail.events.filter(({ id }) => !known.has(id)), ...stored.rows] };
  }, [stored, tail.events]);
  const [tone, word] = tail.paused ? (["wait", "Paused"] as const) : LINE[tail.state];
  const filtered = Object.keys(search).length > 0;
  return (
    <Page
      full
      title="Events"
      beside={<Badge tone={tone}>{word}</Badge>}
      actions={
        <Button
          icon={tail.paused ? <Play aria-hidden /> : <Pause aria-hidden />}
          aria-pressed={tail.paused}
          onClick={() => tail.pause(!tail.paused)}
        >
          {tail.paused ? "Go on" : "Pause"}
        </Button>
      }
    >
      <EventFilters search={search} apps={apps.data?.data ?? []} />
      <Rows
        label="Events"
        source={source}
        columns={COLUMNS}
        id={(event) => event.id}
        onOpen={(event) =>
          void navigate({ to: "/events/$event", params: { event: event.id }, search: { app: event.app_id } })
        }
        notice={
          tail.waiting.length > 0 ? (
            <button type="button" className="held" onClick={() => tail.pause(false)}>
              {tail.waiting.length} new {tail.waiting.length === 1 ? "event" : "events"}: show
            </button>
          ) : null
        }
        empty={
          filtered ? (
            <Empty
              icon={<Activity aria-hidden />}
              title="No event is like this"
              action={
                <Button onClick={() => void navigate({ to: "/events", search: {} })}>Show all events</Button>
              }
            />
          ) : (
            <Empty icon={<Activity aria-hidden />} title="No events yet" command={publishCommand()}>
              <p>Publish the first one. It shows here the moment it is in the database.</p>
            </Empty>
          )
        }
      />
    </Page>
  );
}
