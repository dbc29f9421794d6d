import RotateCw from "lucide-react/icons/rotate-cw";
import type { FullWebhookDelivery } from "../../api/coming.js";
import { useChange, useRead } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Button, LinkButton } from "../../kit/button.js";
import { Code, Id } from "../../kit/code.js";
import { Facts, Section } from "../../kit/page.js";
import { Sheet } from "../../kit/sheet.js";
import { Loaded } from "../../kit/state.js";
import { Ago, span } from "../../kit/time.js";
import { complain, say } from "../../kit/toast.js";
import { Attempts, pretty } from "../../show/attempts.js";
import { StatusBadge } from "../../words/state.js";
import "../../show/show.css";

const LOG = "/api/v1/apps/{app}/webhooks/{webhook}/deliveries";
const DELIVERY = "/api/v1/apps/{app}/webhooks/{webhook}/deliveries/{delivery}";

/** One delivery to a webhook: what was asked, what was answered, and to do it again. */
export function WebhookDeliverySheet({
  app,
  webhook,
  id,
  onClose,
}: {
  app: string;
  webhook: string;
  id: string;
  onClose: () => void;
}) {
  const path = { app, webhook, delivery: id };
  const delivery = useRead(DELIVERY, { path }, { keep: true });
  const retry = useChange("post", "/api/v1/apps/{app}/webhooks/{webhook}/deliveries/{delivery}/retry", [
    LOG,
    DELIVERY,
  ]);
  const refusal = useRefusal();
  const found = delivery.data as FullWebhookDelivery | undefined;
  const open = found && ["pending", "sending"].includes(found.status);
  return (
    <Sheet
      title={
        found ? (
          <>
            {found.event_type ?? "Delivery"} <StatusBadge status={found.status} />
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
              refusal={refusal ?? (open ? "It is on its way already." : null)}
              onClick={() =>
                retry.mutate(
                  { path, idempotent: true },
                  { onSuccess: () => say("It is on its way again."), onError: complain },
                )
              }
            >
              Retry
            </Button>
            <LinkButton to="/events/$event" params={{ event: found.event_id }} search={{}}>
              Open the event
            </LinkButton>
          </>
        ) : null
      }
      onClose={onClose}
    >
      <Loaded query={delivery}>
        {(data) => {
          const one = data as FullWebhookDelivery;
          return (
            <div className="stack">
              {one.error ? <p className="problem-line">{one.error}</p> : null}
              <Facts
                facts={[
                  ["Answer", one.status_code ? <code>{one.status_code}</code> : null],
                  ["Took", one.duration_ms ? span(one.duration_ms) : null],
                  ["Made", <Ago at={one.created_at} />],
                  one.next_attempt_at ? ["Next attempt", <Ago at={one.next_attempt_at} />] : null,
                ]}
              />
              {one.request ? (
                <Section title="Request" about={`POST ${one.request.url}`}>
                  <Code
                    plain
                    value={Object.entries(one.request.headers)
                      .map(([name, value]) => `${name}: ${value}`)
                      .join("\n")}
                    label="Headers of the request"
                  />
                  <Code value={pretty(one.request.body)} label="Body of the request" bounded />
                </Section>
              ) : null}
              <Section title="Attempts and answers">
                <Attempts attempts={one.attempts_log} />
              </Section>
            </div>
          );
        }}
      </Loaded>
    </Sheet>
  );
}
