import { useState } from "react";
import KeyRound from "lucide-react/icons/key-round";
import Plus from "lucide-react/icons/plus";
import type { Schemas } from "../api/client.js";
import { useChange, useRows, type Rows } from "../api/queries.js";
import { useRefusal } from "../api/session.js";
import { Badge } from "../kit/badge.js";
import { Button } from "../kit/button.js";
import { Dialog, FormDialog } from "../kit/dialog.js";
import { Field, Input, Select } from "../kit/field.js";
import { Listed } from "../kit/listed.js";
import { Empty } from "../kit/state.js";
import { Ago } from "../kit/time.js";
import { Secret } from "./portal.js";

type Key = Schemas["KeyView"];
const APP = "/api/v1/apps/{app}/keys";
const OWN = "/api/v1/keys";

const ENDS: Array<[string, string]> = [
  ["", "Never"],
  ["2592000", "After 30 days"],
  ["31536000", "After a year"],
];

/** The keys of an application. */
export function AppKeys({ app }: { app: string }) {
  const source = useRows(APP, { path: { app } });
  const add = useChange("post", APP, [APP]);
  const revoke = useChange("delete", "/api/v1/apps/{app}/keys/{key}", [APP]);
  return (
    <Keys
      source={source}
      fresh={add.data?.key}
      pending={add.isPending || revoke.isPending}
      problem={add.error ?? revoke.error}
      onAdd={(name, ends) =>
        add.mutate({
          path: { app },
          idempotent: true,
          body: { ...(name ? { name } : {}), ...(ends ? { expires_in: ends } : {}) },
        })
      }
      onRevoke={(key, done) => revoke.mutate({ path: { app, key } }, { onSuccess: done })}
      onSeen={() => add.reset()}
    />
  );
}

/** The keys of the environment: secret ones for servers, public ones for pages. */
export function EnvironmentKeys() {
  const source = useRows(OWN, {});
  const add = useChange("post", OWN, [OWN]);
  const revoke = useChange("delete", "/api/v1/keys/{key}", [OWN]);
  return (
    <Keys
      kinds
      source={source}
      fresh={add.data?.key}
      pending={add.isPending || revoke.isPending}
      problem={add.error ?? revoke.error}
      onAdd={(name, ends, kind) =>
        add.mutate({
          idempotent: true,
          body: { kind, ...(name ? { name } : {}), ...(ends ? { expires_in: ends } : {}) },
        })
      }
      onRevoke={(key, done) => revoke.mutate({ path: { key } }, { onSuccess: done })}
      onSeen={() => add.reset()}
    />
  );
}

interface Props {
  source: Rows<Key>;
  kinds?: boolean;
  fresh: string | undefined;
  pending: boolean;
  problem: Parameters<typeof FormDialog>[0]["problem"];
  onAdd: (name: string, ends: number | null, kind: "secret" | "public") => void;
  onRevoke: (key: string, done: () => void) => void;
  onSeen: () => void;
}

function Keys({ source, kinds, fresh, pending, problem, onAdd, onRevoke, onSeen }: Props) {
  const refusal = useRefusal();
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<Key | null>(null);
  const add = (
    <Button icon={<Plus aria-hidden />} refusal={refusal} onClick={() => setAdding(true)}>
      Make a key
    </Button>
  );
  const close = () => {
    setAdding(false);
    onSeen();
  };
  return (
    <div className="stack">
      <div className="row">{add}</div>
      <Listed
        label="Keys"
        source={source}
        id={({ id }) => id}
        columns={[
          {
            name: "Name",
            main: true,
            cell: ({ name }) => name ?? <span className="faint">Without a name</span>,
          },
          { name: "Key", cell: ({ hint }) => <code>{hint}</code> },
          ...(kinds
            ? [
                {
                  name: "Kind",
                  spare: true,
                  cell: ({ kind }: Key) => (
                    <Badge tone={kind === "secret" ? "wait" : "quiet"}>
                      {kind === "secret" ? "Secret" : "Public"}
                    </Badge>
                  ),
                },
              ]
            : []),
          {
            name: "Made",
            spare: true,
            cell: ({ created_at }) => (
              <span className="muted">
                <Ago at={created_at} />
              </span>
            ),
          },
          {
            name: "Ends",
            spare: true,
            cell: ({ expires_at, revoked_at }) =>
              revoked_at ? (
                <Badge tone="bad">Revoked</Badge>
              ) : expires_at ? (
                <Ago at={expires_at} />
              ) : (
                <span className="muted">Never</span>
              ),
          },
          {
            name: "Revoke",
            silent: true,
            end: true,
            cell: (key) =>
              key.revoked_at ? null : (
                <Button
                  small
                  look="ghost"
                  refusal={refusal}
                  onClick={() => setRevoking(key)}
                  aria-label={`Revoke ${key.name ?? key.hint}`}
                >
                  Revoke
                </Button>
              ),
          },
        ]}
        empty={
          <Empty icon={<KeyRound aria-hidden />} title="No key yet" action={add}>
            <p>A program calls the API with a key. It is shown once, when it is made.</p>
          </Empty>
        }
      />
      {adding && fresh ? (
        <Dialog
          title="The key"
          onClose={close}
          footer={
            <Button look="primary" onClick={close}>
              I have kept it
            </Button>
          }
        >
          <div className="stack">
            <p>It is shown this once. Only its hash is kept.</p>
            <Secret value={fresh} label="The key" />
          </div>
        </Dialog>
      ) : adding ? (
        <AddDialog kinds={Boolean(kinds)} pending={pending} problem={problem} onAdd={onAdd} onClose={close} />
      ) : null}
      {revoking ? (
        <FormDialog
          title={`Revoke ${revoking.name ?? revoking.hint}?`}
          action="Revoke the key"
          danger
          busy={pending}
          problem={problem ?? null}
          onClose={() => setRevoking(null)}
          onSubmit={() => onRevoke(revoking.id, () => setRevoking(null))}
        >
          <p>Whoever calls with it is refused within two seconds. This cannot be undone.</p>
        </FormDialog>
      ) : null}
    </div>
  );
}

function AddDialog({
  kinds,
  pending,
  problem,
  onAdd,
  onClose,
}: {
  kinds: boolean;
  pending: boolean;
  problem: Props["problem"];
  onAdd: Props["onAdd"];
  onClose: () => void;
}) {
  const [name, setName] = useState("");
  const [ends, setEnds] = useState("");
  const [kind, setKind] = useState<"secret" | "public">("secret");
  return (
    <FormDialog
      title="Make a key"
      action="Make it"
      busy={pending}
      problem={problem ?? null}
      onClose={onClose}
      onSubmit={() => onAdd(name, ends ? Number(ends) : null, kind)}
    >
      <Field label="Name" hint="For people: where it is used.">
        <Input
          autoFocus
          value={name}
          placeholder="Backend"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      {kinds ? (
        <Field
          label="Kind"
          hint={
            kind === "secret"
              ? "May do everything in this environment. For servers only."
              : "Only beside a user token. For pages."
          }
        >
          <Select value={kind} onChange={(event) => setKind(event.target.value as typeof kind)}>
            <option value="secret">Secret (sk_)</option>
            <option value="public">Public (pk_)</option>
          </Select>
        </Field>
      ) : null}
      <Field label="Ends">
        <Select value={ends} onChange={(event) => setEnds(event.target.value)}>
          {ENDS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
    </FormDialog>
  );
}
