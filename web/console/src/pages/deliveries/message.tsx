import { Link } from "@tanstack/react-router";
import RotateCw from "lucide-react/icons/rotate-cw";
import type { Schemas } from "../../api/client.js";
import { useChange, useRead } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Badge } from "../../kit/badge.js";
import { Button, LinkButton } from "../../kit/button.js";
import { Id } from "../../kit/code.js";
import { Facts, Section } from "../../kit/page.js";
import { Sheet } from "../../kit/sheet.js";
import { Loaded } from "../../kit/state.js";
import { Ago } from "../../kit/time.js";
import { complain, say } from "../../kit/toast.js";
import { Attempts } from "../../show/attempts.js";
import { MessageView } from "../../show/message.js";
import { Kind, kindName } from "../../words/channel.js";
import { StatusBadge, title } from "../../words/state.js";
import { sentence } from "../../words/why.js";

const DELIVERY = "/api/v1/deliveries/{delivery}";

/** One delivery to a person: what was sent, how it went, and to do it again. */
export function MessageSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const delivery = useRead(DELIVERY, { path: { delivery: id } }, { keep: true });
  const retry = useChange("post", "/api/v1/deliveries/{delivery}/retry", [DELIVERY, "/api/v1/deliveries"]);
  const refusal = useRefusal();
  const found = delivery.data;
  const again = () =>
    retry.mutate(
      { path: { delivery: id }, idempotent: true },
      { onSuccess: () => say("It is on its way again."), onError: complain },
    );
  return (
    <Sheet
      title={
        found ? (
          <>
            {kindName(found.channel)} to {found.user_id ?? found.tenant ?? "nobody"}{" "}
            <StatusBadge status={found.status} />
          </>
        ) : (
          "Delivery"
        )
      }
      about={<Id id={id} copy />}
      actions={
        found ? (
          <>
            <Button
              icon={<RotateCw aria-hidden />}
              busy={retry.isPending}
              refusal={refusal ?? whyNot(found)}
              onClick={again}
            >
              Retry
            </Button>
            <LinkButton
              to="/events/$event"
              params={{ event: found.event_id }}
              search={found.user_id ? { user: found.user_id } : {}}
            >
              Why it was sent
            </LinkButton>
          </>
        ) : null
      }
      onClose={onClose}
    >
      <Loaded query={delivery}>{(message) => <Content message={message} />}</Loaded>
    </Sheet>
  );
}

function whyNot({ status }: Schemas["MessageView"]): string | null {
  if (status === "skipped") return "Nothing was sent, so there is nothing to send again.";
  if (status === "pending" || status === "sending") return "It is on its way already.";
  return null;
}

function Content({ message }: { message: Schemas["FullMessageView"] }) {
  const skipped = message.status === "skipped";
  return (
    <div className="stack">
      {skipped ? <p className="why">{sentence({ reason: message.error ?? "skipped" })}.</p> : null}
      {!skipped && message.error ? <p className="problem-line">{message.error}</p> : null}
      <Facts
        facts={[
          message.user_id
            ? [
                "User",
                <Link className="link" to="/users/$user" params={{ user: message.user_id }}>
                  {message.user_id}
                </Link>,
              ]
            : null,
          message.tenant
            ? [
                "Tenant",
                <Link className="link" to="/tenants/$tenant" params={{ tenant: message.tenant }}>
                  {message.tenant}
                </Link>,
              ]
            : null,
          ["Address", message.recipient],
          ["Channel", <Kind kind={message.channel} />],
          [
            "Workflow",
            <>
              <Link className="link" to="/workflows/$workflow" params={{ workflow: message.workflow }}>
                {message.workflow}
              </Link>{" "}
              <span className="muted">step {message.step}</span>
            </>,
          ],
          message.provider ? ["Provider", message.provider] : null,
          message.provider_id ? ["Its id there", <code>{message.provider_id}</code>] : null,
          ["Made", <Ago at={message.created_at} />],
          message.next_attempt_at ? ["Next attempt", <Ago at={message.next_attempt_at} />] : null,
        ]}
      />
      {message.content ? (
        <Section title="Content">
          <MessageView channel={message.channel} content={message.content as Record<string, unknown>} />
        </Section>
      ) : null}
      {skipped ? null : (
        <Section title="Attempts">
          <Attempts attempts={message.attempts_log} />
        </Section>
      )}
      {message.callbacks.length > 0 ? (
        <Section title="What the provider told later">
          <ul className="stack tight">
            {message.callbacks.map((callback, index) => (
              <li key={index} className="row wrap">
                <Badge
                  tone={
                    callback.aftermath === "delivered"
                      ? "good"
                      : callback.aftermath === "delayed"
                        ? "wait"
                        : "bad"
                  }
                >
                  {title(callback.aftermath)}
                </Badge>
                <span className="muted">
                  <Ago at={callback.created_at} />
                </span>
                {callback.detail}
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
    </div>
  );
}
