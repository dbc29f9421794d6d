import { useState, type FormEvent } from "react";
import { useNavigate } from "@tanstack/react-router";
import UserIcon from "lucide-react/icons/user";
import type { Schemas } from "../../api/client.js";
import { useRows } from "../../api/queries.js";
import { Badge } from "../../kit/badge.js";
import { Button } from "../../kit/button.js";
import { SearchInput } from "../../kit/field.js";
import { Page } from "../../kit/page.js";
import { Rows } from "../../kit/rows.js";
import { Empty } from "../../kit/state.js";
import type { Column } from "../../kit/table.js";
import { Ago } from "../../kit/time.js";
import { curlCommand } from "../../words/commands.js";

type User = Schemas["UserView"];

const COLUMNS: Array<Column<User>> = [
  {
    name: "Id",
    main: true,
    width: "minmax(120px, 1fr)",
    cell: ({ id }) => <span className="strong">{id}</span>,
  },
  {
    name: "Name",
    width: "minmax(0, 1.2fr)",
    spare: true,
    cell: ({ name }) => name ?? <span className="faint">–</span>,
  },
  {
    name: "Email",
    width: "minmax(0, 1.6fr)",
    cell: ({ email }) => <span className="muted">{email ?? "no address"}</span>,
  },
  {
    name: "Language",
    width: "90px",
    spare: true,
    cell: ({ locale }) => <span className="muted">{locale ?? "–"}</span>,
  },
  {
    name: "State",
    width: "90px",
    spare: true,
    cell: ({ active }) => <Badge tone={active ? "good" : "quiet"}>{active ? "Active" : "Inactive"}</Badge>,
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

export function Users() {
  const source = useRows("/api/v1/users", {});
  const navigate = useNavigate();
  const open = (user: string) => void navigate({ to: "/users/$user", params: { user } });
  return (
    <Page full title="Users" about="The people your product knows, by your own ids.">
      <OpenById label="Open a user by id" onOpen={open} />
      <Rows
        label="Users"
        source={source}
        columns={COLUMNS}
        id={({ id }) => id}
        onOpen={({ id }) => open(id)}
        empty={
          <Empty
            icon={<UserIcon aria-hidden />}
            title="Nobody is known yet"
            command={curlCommand("PUT", "/users/ada", { name: "Ada", email: "ada@example.com" })}
          >
            <p>Your backend names its users, with an address for mails and a time zone for quiet hours.</p>
          </Empty>
        }
      />
    </Page>
  );
}

/** The id is the only way in that works however many there are. */
export function OpenById({ label, onOpen }: { label: string; onOpen: (id: string) => void }) {
  const [text, setText] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) onOpen(text.trim());
  };
  return (
    <form className="filters" role="search" onSubmit={submit}>
      <SearchInput label={label} value={text} onChange={(event) => setText(event.target.value)} />
      <Button type="submit">Open</Button>
    </form>
  );
}
