import { useState } from "react";
import { Link } from "@tanstack/react-router";
import Plus from "lucide-react/icons/plus";
import WebhookIcon from "lucide-react/icons/webhook";
import { useRows } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Button } from "../../kit/button.js";
import { Listed } from "../../kit/listed.js";
import { Empty } from "../../kit/state.js";
import { WebhookBadge } from "../../words/state.js";
import { AddWebhook } from "./webhook-dialog.js";

/** The endpoints of an application. */
export function Webhooks({ app }: { app: string }) {
  const source = useRows("/api/v1/apps/{app}/webhooks", { path: { app } });
  const refusal = useRefusal();
  const [adding, setAdding] = useState(false);
  const add = (
    <Button icon={<Plus aria-hidden />} refusal={refusal} onClick={() => setAdding(true)}>
      Add a webhook
    </Button>
  );
  return (
    <div className="stack">
      <div className="row">{add}</div>
      <Listed
        label="Webhooks"
        source={source}
        id={({ id }) => id}
        find={({ url, description }) => `${url} ${description}`}
        columns={[
          {
            name: "URL",
            main: true,
            cell: ({ id, url, description }) => (
              <>
                <Link to="/applications/$app/webhooks/$webhook" params={{ app, webhook: id }}>
                  {url}
                </Link>
                {description ? <div className="muted small">{description}</div> : null}
              </>
            ),
          },
          {
            name: "Events",
            spare: true,
            cell: ({ event_types }) => (
              <span className="muted">{event_types ? event_types.join(", ") : "All"}</span>
            ),
          },
          {
            name: "Failures in a row",
            spare: true,
            end: true,
            cell: ({ health }) => <span className="number muted">{health?.failures ?? 0}</span>,
          },
          { name: "State", end: true, cell: ({ status }) => <WebhookBadge status={status} /> },
        ]}
        empty={
          <Empty icon={<WebhookIcon aria-hidden />} title="No webhook yet" action={add}>
            <p>Add the address that is to get the events, signed with a secret of its own.</p>
          </Empty>
        }
      />
      {adding ? <AddWebhook app={app} onClose={() => setAdding(false)} /> : null}
    </div>
  );
}
