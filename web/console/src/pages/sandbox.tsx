import { useNavigate, useSearch } from "@tanstack/react-router";
import FlaskConical from "lucide-react/icons/flask-conical";
import type { Schemas } from "../api/client.js";
import { useRead, useRows } from "../api/queries.js";
import { LinkButton } from "../kit/button.js";
import { Choice } from "../kit/field.js";
import { Page } from "../kit/page.js";
import { Rows } from "../kit/rows.js";
import { Sheet } from "../kit/sheet.js";
import { Empty, Loaded } from "../kit/state.js";
import type { Column } from "../kit/table.js";
import { Ago } from "../kit/time.js";
import { MessageView } from "../show/message.js";
import { Kind, kindName } from "../words/channel.js";

type Row = Schemas["MessageView"];
type Which = "all" | "email" | "slack" | "teams";

const COLUMNS: Array<Column<Row>> = [
  { name: "Channel", width: "150px", spare: true, cell: ({ channel }) => <Kind kind={channel} /> },
  {
    name: "To",
    main: true,
    width: "minmax(140px, 1.2fr)",
    cell: ({ user_id, tenant }) => <span className="strong">{user_id ?? tenant ?? "–"}</span>,
  },
  {
    name: "Address",
    width: "minmax(0, 1.2fr)",
    spare: true,
    cell: ({ recipient }) => <span className="muted">{recipient}</span>,
  },
  { name: "Workflow", width: "minmax(0, 1fr)", spare: true, cell: ({ workflow }) => workflow },
  {
    name: "Taken",
    end: true,
    width: "84px",
    cell: ({ created_at }) => (
      <span className="muted">
        <Ago at={created_at} />
      </span>
    ),
  },
];

/** What the sandbox took and did not send: every message as its reader would have seen it. */
export function Sandbox() {
  const { channel = "all", delivery } = useSearch({ from: "/shell/sandbox" });
  const navigate = useNavigate();
  const source = useRows(
    "/api/v1/deliveries",
    { query: { provider: "sandbox", channel: channel === "all" ? undefined : (channel as Row["channel"]) } },
    { every: 5_000 },
  );
  const open = (id: string | undefined) =>
    void navigate({
      to: "/sandbox",
      search: { channel: channel === "all" ? undefined : channel, delivery: id },
      replace: Boolean(delivery && id),
    });
  return (
    <Page full title="Sandbox" about="Messages that the sandbox took. Nothing here left the server.">
      <div className="filters">
        <Choice
          label="Channel"
          value={channel as Which}
          options={[
            { value: "all", label: "All" },
            { value: "email", label: "Email" },
            { value: "slack", label: "Slack" },
            { value: "teams", label: "Teams" },
          ]}
          onChange={(which) =>
            void navigate({
              to: "/sandbox",
              search: which === "all" ? {} : { channel: which },
              replace: true,
            })
          }
        />
      </div>
      <div className={`beside ${delivery ? "open wide" : ""}`}>
        <Rows
          label="Messages in the sandbox"
          source={source}
          columns={
            delivery ? COLUMNS.filter(({ name }) => name !== "Address" && name !== "Workflow") : COLUMNS
          }
          id={(row) => row.id}
          chosen={delivery}
          onOpen={(row) => open(row.id)}
          empty={
            <Empty
              icon={<FlaskConical aria-hidden />}
              title="The sandbox is empty"
              action={
                <LinkButton to="/settings/integrations/$channel" params={{ channel: "email" }}>
                  Set up a channel
                </LinkButton>
              }
            >
              <p>
                A channel whose provider is of the kind “sandbox” keeps its messages here instead of sending
                them.
              </p>
            </Empty>
          }
        />
        {delivery ? <Taken id={delivery} onClose={() => open(undefined)} /> : null}
      </div>
    </Page>
  );
}

function Taken({ id, onClose }: { id: string; onClose: () => void }) {
  const message = useRead("/api/v1/deliveries/{delivery}", { path: { delivery: id } }, { keep: true });
  const found = message.data;
  return (
    <Sheet
      title={found ? `${kindName(found.channel)} to ${found.user_id ?? found.tenant ?? "nobody"}` : "Message"}
      about={found?.recipient}
      actions={
        found ? (
          <LinkButton to="/deliveries" search={{ delivery: id }}>
            Open the delivery
          </LinkButton>
        ) : null
      }
      onClose={onClose}
    >
      <Loaded query={message}>
        {({ channel, content }) =>
          content ? (
            <MessageView channel={channel} content={content as Record<string, unknown>} large />
          ) : (
            <p className="muted">It has no content.</p>
          )
        }
      </Loaded>
    </Sheet>
  );
}
