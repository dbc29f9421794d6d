import { useState } from "react";
import { Link } from "@tanstack/react-router";
import Plus from "lucide-react/icons/plus";
import Trash2 from "lucide-react/icons/trash-2";
import Users from "lucide-react/icons/users";
import type { Schemas } from "../../api/client.js";
import { useChange, useRows } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Tag } from "../../kit/badge.js";
import { Button, IconButton } from "../../kit/button.js";
import { FormDialog } from "../../kit/dialog.js";
import { Field, Input, Select } from "../../kit/field.js";
import { Listed } from "../../kit/listed.js";
import { Empty } from "../../kit/state.js";
import { Ago } from "../../kit/time.js";
import { title } from "../../words/state.js";

type Role = Schemas["RoleView"];
const LIST = "/api/v1/tenants/{tenant}/members";

export function Members({ tenant }: { tenant: string }) {
  const source = useRows(LIST, { path: { tenant } });
  const refusal = useRefusal();
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<string | null>(null);
  const remove = useChange("delete", "/api/v1/tenants/{tenant}/members/{user}", [LIST]);
  const add = (
    <Button icon={<Plus aria-hidden />} refusal={refusal} onClick={() => setAdding(true)}>
      Add a member
    </Button>
  );
  return (
    <div className="stack">
      <div className="row">{add}</div>
      <Listed
        label="Members"
        source={source}
        id={({ user_id }) => user_id}
        find={({ user_id, role }) => `${user_id} ${role}`}
        columns={[
          {
            name: "User",
            main: true,
            cell: ({ user_id }) => (
              <Link to="/users/$user" params={{ user: user_id }}>
                {user_id}
              </Link>
            ),
          },
          { name: "Role", cell: ({ role }) => <Tag>{title(role)}</Tag> },
          {
            name: "Since",
            spare: true,
            cell: ({ created_at }) => (
              <span className="muted">
                <Ago at={created_at} />
              </span>
            ),
          },
          {
            name: "Remove",
            silent: true,
            end: true,
            cell: ({ user_id }) => (
              <IconButton
                small
                label={`Remove ${user_id}`}
                refusal={refusal}
                onClick={() => setLeaving(user_id)}
              >
                <Trash2 aria-hidden />
              </IconButton>
            ),
          },
        ]}
        empty={<Empty icon={<Users aria-hidden />} title="Nobody is a member" action={add} />}
      />
      {adding ? <AddDialog tenant={tenant} onClose={() => setAdding(false)} /> : null}
      {leaving ? (
        <FormDialog
          title={`Remove ${leaving}?`}
          action="Remove"
          danger
          busy={remove.isPending}
          problem={remove.error}
          onClose={() => setLeaving(null)}
          onSubmit={() =>
            remove.mutate({ path: { tenant, user: leaving } }, { onSuccess: () => setLeaving(null) })
          }
        >
          <p>They get nothing any more that goes to the members of {tenant}.</p>
        </FormDialog>
      ) : null}
    </div>
  );
}

function AddDialog({ tenant, onClose }: { tenant: string; onClose: () => void }) {
  const [user, setUser] = useState("");
  const [role, setRole] = useState<Role>("member");
  const add = useChange("put", "/api/v1/tenants/{tenant}/members/{user}", [LIST]);
  return (
    <FormDialog
      title="Add a member"
      action="Add"
      busy={add.isPending}
      problem={add.error}
      refusal={user ? null : "Name a user first."}
      onClose={onClose}
      onSubmit={() => add.mutate({ path: { tenant, user }, body: { role } }, { onSuccess: onClose })}
    >
      <Field label="User id">
        <Input
          autoFocus
          value={user}
          placeholder="ada"
          onChange={(event) => setUser(event.target.value.trim())}
        />
      </Field>
      <Field label="Role">
        <Select value={role} onChange={(event) => setRole(event.target.value as Role)}>
          {(["member", "admin", "owner"] as const).map((one) => (
            <option key={one} value={one}>
              {title(one)}
            </option>
          ))}
        </Select>
      </Field>
    </FormDialog>
  );
}
