import { useState } from "react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import RotateCw from "lucide-react/icons/rotate-cw";
import Send from "lucide-react/icons/send";
import type { Schemas } from "../../api/client.js";
import { useRead, useRows } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Button } from "../../kit/button.js";
import { Choice, SearchInput, Select } from "../../kit/field.js";
import { Rows } from "../../kit/rows.js";
import { Empty } from "../../kit/state.js";
import type { Column } from "../../kit/table.js";
import { Ago } from "../../kit/time.js";
import { Kind, PEOPLE_CHANNELS, kindName } from "../../words/channel.js";
import { publishCommand } from "../../words/commands.js";
import { DELIVERY_STATUSES, StatusBadge, title, type DeliveryStatus } from "../../words/state.js";
import { DeliveriesFrame } from "./frame.js";
import { MessageSheet } from "./message.js";
import { RetryMany } from "./retry.js";

type Row = Schemas["MessageView"];

const COLUMNS: Array<Column<Row>> = [
  { name: "Status", width: "100px", cell: ({ status }) => <StatusBadge status={status} /> },
  {
    name: "To",
    main: true,
    width: "minmax(150px, 1.4fr)",
    cell: ({ recipient, user_id, tenant }) => (
      <>
        <span className="strong">{user_id ?? tenant ?? "–"}</span> <span className="muted">{recipient}</span>
      </>
    ),
  },
  { name: "Channel", spare: true, width: "140px", cell: ({ channel }) => <Kind kind={channel} /> },
  {
    name: "Workflow",
    spare: true,
    width: "minmax(0, 1fr)",
    cell: ({ workflow, step }) => (
      <>
        {workflow} <span className="faint">/ {step}</span>
      </>
    ),
  },
  {
    name: "What happened",
    width: "minmax(0, 1.3fr)",
    spare: true,
    cell: ({ error, status, provider }) => said(error, status, provider),
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

function said(error: string | null | undefined, status: string, provider: string | null | undefined) {
  if (error)
    return (
      <span className={status === "skipped" ? "muted" : "bad-text"}>
        {status === "skipped" ? title(error) : error}
      </span>
    );
  return provider ? <span className="muted">by {provider}</span> : <span className="faint">–</span>;
}

export function PeopleDeliveries() {
  const search = useSearch({ from: "/shell/deliveries" });
  const navigate = useNavigate();
  const refusal = useRefusal();
  const [retrying, setRetrying] = useState(false);
  const { delivery, undelivered, channel, status, ...words } = search;
  const query = {
    ...words,
    channel: channel as Row["channel"] | undefined,
    status: status as DeliveryStatus | undefined,
    undelivered: undelivered === "true" || undefined,
  };
  const source = useRows("/api/v1/deliveries", { query });
  const workflows = useRead("/api/v1/workflows", { query: { limit: 100 } });
  const set = (changed: Partial<typeof search>) =>
    void navigate({
      to: "/deliveries",
      search: { ...search, delivery: undefined, ...changed },
      replace: true,
    });
  const open = (id: string | undefined) =>
    void navigate({
      to: "/deliveries",
      search: { ...search, delivery: id },
      replace: Boolean(delivery && id),
    });
  const filtered = Boolean(channel || status || search.user || search.workflow || search.provider);
  return (
    <DeliveriesFrame
      actions={
        <Button icon={<RotateCw aria-hidden />} refusal={refusal} onClick={() => setRetrying(true)}>
          Retry many
        </Button>
      }
    >
      <div className="filters" role="search" aria-label="Narrow the deliveries">
        <Choice
          label="Which deliveries"
          value={undelivered === "true" ? "undelivered" : "all"}
          options={[
            { value: "all", label: "All" },
            { value: "undelivered", label: "Undelivered" },
          ]}
          onChange={(which) =>
            set({ undelivered: which === "undelivered" ? "true" : undefined, status: undefined })
          }
        />
        <UserFilter user={search.user} onSet={(user) => set({ user })} />
        <Select
          aria-label="Channel"
          value={channel ?? ""}
          onChange={(event) => set({ channel: event.target.value || undefined })}
        >
          <option value="">All channels</option>
          {PEOPLE_CHANNELS.filter((one) => one !== "in_app").map((one) => (
            <option key={one} value={one}>
              {kindName(one)}
            </option>
          ))}
        </Select>
        <Select
          aria-label="Status"
          value={status ?? ""}
          onChange={(event) => set({ status: event.target.value || undefined, undelivered: undefined })}
        >
          <option value="">Any status</option>
          {DELIVERY_STATUSES.map((one) => (
            <option key={one} value={one}>
              {title(one)}
            </option>
          ))}
        </Select>
        <Select
          aria-label="Workflow"
          value={search.workflow ?? ""}
          onChange={(event) => set({ workflow: event.target.value || undefined })}
        >
          <option value="">All workflows</option>
          {workflows.data?.data.map(({ key }) => (
            <option key={key} value={key}>
              {key}
            </option>
          ))}
        </Select>
      </div>
      <div className={`beside ${delivery ? "open" : ""}`}>
        <Rows
          label="Deliveries to people"
          source={source}
          columns={
            delivery ? COLUMNS.filter(({ name }) => name !== "What happened" && name !== "Workflow") : COLUMNS
          }
          id={(row) => row.id}
          chosen={delivery}
          onOpen={(row) => open(row.id)}
          empty={
            filtered || undelivered ? (
              <Empty
                icon={<Send aria-hidden />}
                title={undelivered && !filtered ? "Everything arrived" : "No delivery is like this"}
                action={
                  <Button onClick={() => void navigate({ to: "/deliveries", search: {} })}>
                    Show all deliveries
                  </Button>
                }
              >
                {undelivered && !filtered ? <p>Nothing ended without reaching anybody.</p> : null}
              </Empty>
            ) : (
              <Empty icon={<Send aria-hidden />} title="Nothing was sent yet" command={publishCommand()}>
                <p>
                  A workflow makes a delivery for each person and channel it reaches. Publish an event that
                  starts one.
                </p>
              </Empty>
            )
          }
        />
        {delivery ? <MessageSheet id={delivery} onClose={() => open(undefined)} /> : null}
      </div>
      {retrying ? (
        <RetryMany
          {...(channel ? { channel } : {})}
          {...(search.workflow ? { workflow: search.workflow } : {})}
          onClose={() => setRetrying(false)}
        />
      ) : null}
    </DeliveriesFrame>
  );
}

/** Asked for when it is whole, not with every letter. */
function UserFilter({
  user,
  onSet,
}: {
  user: string | undefined;
  onSet: (user: string | undefined) => void;
}) {
  const [text, setText] = useState(user ?? "");
  const say = (value: string) => value.trim() !== (user ?? "") && onSet(value.trim() || undefined);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        say(text);
      }}
    >
      <SearchInput
        label="User id"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          if (!event.target.value) say("");
        }}
        onBlur={() => say(text)}
      />
    </form>
  );
}
