import { useNavigate } from "@tanstack/react-router";
import Building from "lucide-react/icons/building-2";
import type { Schemas } from "../../api/client.js";
import { useRows } from "../../api/queries.js";
import { Page } from "../../kit/page.js";
import { Rows } from "../../kit/rows.js";
import { Empty } from "../../kit/state.js";
import type { Column } from "../../kit/table.js";
import { Ago } from "../../kit/time.js";
import { curlCommand } from "../../words/commands.js";
import { OpenById } from "../users/list.js";

const COLUMNS: Array<Column<Schemas["TenantView"]>> = [
  {
    name: "Id",
    main: true,
    width: "minmax(120px, 1fr)",
    cell: ({ id }) => <span className="strong">{id}</span>,
  },
  { name: "Name", width: "minmax(0, 1.4fr)", cell: ({ name }) => name ?? <span className="faint">–</span> },
  {
    name: "Metadata",
    width: "minmax(0, 1.6fr)",
    spare: true,
    cell: ({ metadata }) => <code className="muted">{metadata ? JSON.stringify(metadata) : ""}</code>,
  },
  {
    name: "Changed",
    end: true,
    width: "84px",
    spare: true,
    cell: ({ updated_at }) => (
      <span className="muted">
        <Ago at={updated_at} />
      </span>
    ),
  },
];

export function Tenants() {
  const source = useRows("/api/v1/tenants", {});
  const navigate = useNavigate();
  const open = (tenant: string) => void navigate({ to: "/tenants/$tenant", params: { tenant } });
  return (
    <Page
      full
      title="Tenants"
      about="Organisations of users: they own channel configs, connections and webhooks of their own."
    >
      <OpenById label="Open a tenant by id" onOpen={open} />
      <Rows
        label="Tenants"
        source={source}
        columns={COLUMNS}
        id={({ id }) => id}
        onOpen={({ id }) => open(id)}
        empty={
          <Empty
            icon={<Building aria-hidden />}
            title="There is no tenant yet"
            command={curlCommand("PUT", "/tenants/acme", { name: "Acme Ltd" })}
          >
            <p>Name one where your users belong to accounts or workspaces.</p>
          </Empty>
        }
      />
    </Page>
  );
}
