import { useState } from "react";
import Plus from "lucide-react/icons/plus";
import ShieldCheck from "lucide-react/icons/shield-check";
import type { Schemas } from "../../api/client.js";
import { useChange, useRows } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Button } from "../../kit/button.js";
import { Dialog, FormDialog } from "../../kit/dialog.js";
import { Field, Input, Select, Textarea } from "../../kit/field.js";
import { Listed } from "../../kit/listed.js";
import { Section } from "../../kit/page.js";
import { Empty } from "../../kit/state.js";
import { Ago } from "../../kit/time.js";
import { complain } from "../../kit/toast.js";
import { Secret } from "../../show/portal.js";

const LIST = "/api/v1/token-keys";

/** How user tokens are trusted: public keys of the product, or the environment's own secret. */
export function Tokens() {
  const source = useRows(LIST, {});
  const refusal = useRefusal();
  const [open, setOpen] = useState<"add" | "rotate" | null>(null);
  const remove = useChange("delete", "/api/v1/token-keys/{token_key}", [LIST]);
  const add = (
    <Button icon={<Plus aria-hidden />} refusal={refusal} onClick={() => setOpen("add")}>
      Register a public key
    </Button>
  );
  return (
    <div className="stack loose">
      <Section
        title="Public keys"
        about="Your product signs its users’ tokens; with these their signatures are checked."
        actions={add}
      >
        <Listed
          label="Public keys"
          source={source}
          id={({ id }) => id}
          columns={[
            { name: "Name", main: true, cell: ({ name, id }) => name ?? id },
            { name: "Algorithm", cell: ({ algorithm }) => algorithm },
            {
              name: "Registered",
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
              cell: ({ id, name }) => (
                <Button
                  small
                  look="ghost"
                  refusal={refusal}
                  aria-label={`Remove ${name ?? id}`}
                  onClick={() => remove.mutate({ path: { token_key: id } }, { onError: complain })}
                >
                  Remove
                </Button>
              ),
            },
          ]}
          empty={
            <Empty icon={<ShieldCheck aria-hidden />} title="No public key" action={add}>
              <p>Without one, tokens are signed with the environment’s own secret, by your backend.</p>
            </Empty>
          }
        />
      </Section>
      <Section title="The environment’s own secret" about="For tokens that your backend signs with HS256.">
        <div>
          <Button refusal={refusal} onClick={() => setOpen("rotate")}>
            Rotate the secret
          </Button>
        </div>
      </Section>
      {open === "add" ? <AddDialog onClose={() => setOpen(null)} /> : null}
      {open === "rotate" ? <RotateDialog onClose={() => setOpen(null)} /> : null}
    </div>
  );
}

function AddDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [algorithm, setAlgorithm] = useState<Schemas["TokenAlgorithm"]>("EdDSA");
  const [key, setKey] = useState("");
  const add = useChange("post", LIST, [LIST]);
  return (
    <FormDialog
      title="Register a public key"
      action="Register"
      busy={add.isPending}
      problem={add.error}
      refusal={key.trim() ? null : "Paste the key first."}
      onClose={onClose}
      onSubmit={() =>
        add.mutate(
          { idempotent: true, body: { algorithm, public_key: key, ...(name ? { name } : {}) } },
          { onSuccess: onClose },
        )
      }
    >
      <Field label="Name">
        <Input
          autoFocus
          value={name}
          placeholder="Identity provider"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field label="Algorithm">
        <Select value={algorithm} onChange={(event) => setAlgorithm(event.target.value as typeof algorithm)}>
          <option>EdDSA</option>
          <option>RS256</option>
        </Select>
      </Field>
      <Field label="Public key" hint="PEM">
        <Textarea
          rows={6}
          value={key}
          placeholder="-----BEGIN PUBLIC KEY-----"
          onChange={(event) => setKey(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}

function RotateDialog({ onClose }: { onClose: () => void }) {
  const rotate = useChange("post", "/api/v1/token-secret/rotate");
  if (rotate.data)
    return (
      <Dialog
        title="The new secret"
        onClose={onClose}
        footer={
          <Button look="primary" onClick={onClose}>
            I have kept it
          </Button>
        }
      >
        <div className="stack">
          <p>It is shown this once.</p>
          <Secret value={rotate.data.secret} label="The new secret" />
        </div>
      </Dialog>
    );
  return (
    <FormDialog
      title="Rotate the secret?"
      action="Rotate"
      danger
      busy={rotate.isPending}
      problem={rotate.error}
      onClose={onClose}
      onSubmit={() => rotate.mutate({ idempotent: true })}
    >
      <p>Tokens that were signed with the one before are refused from then on.</p>
    </FormDialog>
  );
}
