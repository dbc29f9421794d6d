import { useState } from "react";
import ExternalLink from "lucide-react/icons/external-link";
import { useChange } from "../api/queries.js";
import { useRefusal } from "../api/session.js";
import type { PortalLink } from "../api/coming.js";
import { Button } from "../kit/button.js";
import { Command } from "../kit/code.js";
import { Dialog, FormDialog } from "../kit/dialog.js";
import { Check, Field, Select } from "../kit/field.js";
import { complain } from "../kit/toast.js";
import { Ago } from "../kit/time.js";

type Of = { tenant: string } | { app: string };

/** Makes a link to the portal, for somebody outside. It is shown once and can be taken back while it is. */
export function PortalButton({ of }: { of: Of }) {
  const [asking, setAsking] = useState(false);
  const [link, setLink] = useState<PortalLink | null>(null);
  const refusal = useRefusal();
  return (
    <>
      <Button icon={<ExternalLink aria-hidden />} refusal={refusal} onClick={() => setAsking(true)}>
        Portal link
      </Button>
      {asking ? (
        <AskDialog
          of={of}
          onClose={() => setAsking(false)}
          onMade={(made) => {
            setAsking(false);
            setLink(made);
          }}
        />
      ) : null}
      {link ? <LinkDialog link={link} onClose={() => setLink(null)} /> : null}
    </>
  );
}

function AskDialog({
  of,
  onClose,
  onMade,
}: {
  of: Of;
  onClose: () => void;
  onMade: (link: PortalLink) => void;
}) {
  const [hours, setHours] = useState("24");
  const [readOnly, setReadOnly] = useState(false);
  const forTenant = useChange("post", "/api/v1/tenants/{tenant}/portal");
  const forApp = useChange("post", "/api/v1/apps/{app}/portal");
  const body = { read_only: readOnly, expires_in: Number(hours) * 3_600 };
  const submit = () =>
    "tenant" in of
      ? forTenant.mutate({ path: { tenant: of.tenant }, body }, { onSuccess: onMade })
      : forApp.mutate({ path: { app: of.app }, body }, { onSuccess: onMade });
  return (
    <FormDialog
      title="Portal link"
      action="Make the link"
      busy={forTenant.isPending || forApp.isPending}
      problem={forTenant.error ?? forApp.error}
      onClose={onClose}
      onSubmit={submit}
    >
      <p className="muted">Whoever has the link sets up channels and webhooks, without an account.</p>
      <Field label="It ends after">
        <Select value={hours} onChange={(event) => setHours(event.target.value)}>
          <option value="1">an hour</option>
          <option value="24">a day</option>
          <option value="168">a week</option>
        </Select>
      </Field>
      <Check label="To look at only" on={readOnly} onChange={setReadOnly} />
    </FormDialog>
  );
}

function LinkDialog({ link, onClose }: { link: PortalLink; onClose: () => void }) {
  const revoke = useChange("delete", "/api/v1/portal-tokens/{id}");
  return (
    <Dialog
      title="Portal link"
      onClose={onClose}
      footer={
        <>
          <Button
            look="ghost"
            busy={revoke.isPending}
            onClick={() =>
              revoke.mutate({ path: { id: link.id } }, { onSuccess: onClose, onError: complain })
            }
          >
            Take it back
          </Button>
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>
          It is shown this once, and ends <Ago at={link.expires_at} />.
        </p>
        <Secret value={link.url} label="the link" />
      </div>
    </Dialog>
  );
}

/** Something that is shown once. */
export function Secret({ value, label }: { value: string; label: string }) {
  return (
    <div className="secret" aria-label={label} role="group">
      <Command text={value} />
    </div>
  );
}
