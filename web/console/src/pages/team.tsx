import { useState } from "react";
import Plus from "lucide-react/icons/plus";
import Trash2 from "lucide-react/icons/trash-2";
import type { Role, TeamMember } from "../api/coming.js";
import { useChange, useRows } from "../api/queries.js";
import { ROLES, useHere, useRefusal } from "../api/session.js";
import { Badge } from "../kit/badge.js";
import { Button, IconButton } from "../kit/button.js";
import { Dialog, FormDialog } from "../kit/dialog.js";
import { Field, Input, Select } from "../kit/field.js";
import { Listed } from "../kit/listed.js";
import { Page, Section } from "../kit/page.js";
import { Ago } from "../kit/time.js";
import { complain, say } from "../kit/toast.js";
import { Secret } from "../show/portal.js";

const TEAM = "/api/v1/team";
const INVITATIONS = "/api/v1/team/invitations";

const MAY: Record<Role, string> = {
  operator: "Everything, and who else may",
  developer: "Everything but the team",
  viewer: "Look at everything, change nothing",
  tenant_admin: "One tenant’s channels, webhooks and members",
};

export function Team() {
  const members = useRows(TEAM, {});
  const invitations = useRows(INVITATIONS, {});
  const refusal = useRefusal("team");
  const { session } = useHere();
  const [inviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<TeamMember | null>(null);
  const change = useChange("patch", "/api/v1/team/{account}", [TEAM]);
  const withdraw = useChange("delete", "/api/v1/team/invitations/{id}", [INVITATIONS]);
  const turn = (member: TeamMember, role: Role) => {
    const done = () => say(`${member.name ?? member.email} is ${ROLES[role].toLowerCase()} now.`);
    change.mutate(
      { path: { account: member.account_id }, body: { role } },
      { onSuccess: done, onError: complain },
    );
  };
  return (
    <Page
      title="Team"
      about="Who may use this console, in this environment."
      actions={
        <Button
          look="primary"
          icon={<Plus aria-hidden />}
          refusal={refusal}
          onClick={() => setInviting(true)}
        >
          Invite
        </Button>
      }
    >
      <Listed
        label="Members"
        source={members}
        id={({ account_id }) => account_id}
        find={({ email, name }) => `${email} ${name ?? ""}`}
        columns={[
          {
            name: "Member",
            main: true,
            cell: ({ name, email }) => (
              <>
                {name ?? email}
                {name ? <div className="muted small">{email}</div> : null}
              </>
            ),
          },
          {
            name: "Role",
            cell: (member) => {
              const self = member.account_id === session.account.id;
              if (refusal || self || member.role === "tenant_admin")
                return (
                  <span>
                    {ROLES[member.role]}
                    {member.tenant ? <span className="muted"> of {member.tenant}</span> : null}
                  </span>
                );
              return (
                <Select
                  aria-label={`Role of ${member.email}`}
                  value={member.role}
                  onChange={(event) => turn(member, event.target.value as Role)}
                >
                  {(["operator", "developer", "viewer"] as const).map((role) => (
                    <option key={role} value={role}>
                      {ROLES[role]}
                    </option>
                  ))}
                </Select>
              );
            },
          },
          {
            name: "Last here",
            spare: true,
            cell: ({ last_seen_at }) =>
              last_seen_at ? (
                <span className="muted">
                  <Ago at={last_seen_at} />
                </span>
              ) : (
                <span className="faint">Never</span>
              ),
          },
          {
            name: "Remove",
            silent: true,
            end: true,
            cell: (member) =>
              member.account_id === session.account.id ? (
                <Badge>You</Badge>
              ) : (
                <IconButton
                  small
                  label={`Remove ${member.email}`}
                  refusal={refusal}
                  onClick={() => setRemoving(member)}
                >
                  <Trash2 aria-hidden />
                </IconButton>
              ),
          },
        ]}
        empty={<p className="muted">Nobody is here.</p>}
      />
      <Section title="Invitations">
        <Listed
          label="Invitations"
          source={invitations}
          id={({ id }) => id}
          columns={[
            { name: "Email", main: true, cell: ({ email }) => email },
            {
              name: "Role",
              cell: ({ role, tenant }) => (
                <>
                  {ROLES[role]}
                  {tenant ? <span className="muted"> of {tenant}</span> : null}
                </>
              ),
            },
            {
              name: "Ends",
              spare: true,
              cell: ({ expires_at }) => (
                <span className="muted">
                  <Ago at={expires_at} />
                </span>
              ),
            },
            {
              name: "Withdraw",
              silent: true,
              end: true,
              cell: ({ id, email }) => (
                <Button
                  small
                  look="ghost"
                  refusal={refusal}
                  aria-label={`Withdraw the invitation of ${email}`}
                  onClick={() => withdraw.mutate({ path: { id } }, { onError: complain })}
                >
                  Withdraw
                </Button>
              ),
            },
          ]}
          empty={<p className="muted">Nobody is invited.</p>}
        />
      </Section>
      {inviting ? <InviteDialog onClose={() => setInviting(false)} /> : null}
      {removing ? <RemoveDialog member={removing} onClose={() => setRemoving(null)} /> : null}
    </Page>
  );
}

function InviteDialog({ onClose }: { onClose: () => void }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("developer");
  const [tenant, setTenant] = useState("");
  const invite = useChange("post", INVITATIONS, [INVITATIONS]);
  const needsTenant = role === "tenant_admin";
  if (invite.data) {
    const { link } = invite.data;
    return (
      <Dialog
        title={`${invite.data.email} is invited`}
        onClose={onClose}
        footer={
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <div className="stack">
          <p>
            {link
              ? "Send them this link. It is shown this once and works once."
              : "A mail with a link is on its way to them."}
          </p>
          {link ? <Secret value={link} label="The link" /> : null}
        </div>
      </Dialog>
    );
  }
  return (
    <FormDialog
      title="Invite somebody"
      action="Invite"
      busy={invite.isPending}
      problem={invite.error}
      refusal={
        !email.includes("@") ? "An address is needed." : needsTenant && !tenant ? "Name the tenant." : null
      }
      onClose={onClose}
      onSubmit={() => invite.mutate({ body: { email, role, ...(needsTenant ? { tenant } : {}) } })}
    >
      <Field label="Email">
        <Input
          autoFocus
          type="email"
          value={email}
          placeholder="name@example.com"
          onChange={(event) => setEmail(event.target.value.trim())}
        />
      </Field>
      <Field label="Role" hint={MAY[role]}>
        <Select value={role} onChange={(event) => setRole(event.target.value as Role)}>
          {Object.entries(ROLES).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      {needsTenant ? (
        <Field label="Tenant">
          <Input
            value={tenant}
            placeholder="acme"
            onChange={(event) => setTenant(event.target.value.trim())}
          />
        </Field>
      ) : null}
    </FormDialog>
  );
}

function RemoveDialog({ member, onClose }: { member: TeamMember; onClose: () => void }) {
  const remove = useChange("delete", "/api/v1/team/{account}", [TEAM]);
  return (
    <FormDialog
      title={`Remove ${member.name ?? member.email}?`}
      action="Remove"
      danger
      busy={remove.isPending}
      problem={remove.error}
      onClose={onClose}
      onSubmit={() => remove.mutate({ path: { account: member.account_id } }, { onSuccess: onClose })}
    >
      <p>Their sessions end at once. What they did stays in the audit log.</p>
    </FormDialog>
  );
}
