import { useState, type FormEvent } from "react";
import { Link } from "@tanstack/react-router";
import { useChange, useRows } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Badge } from "../../kit/badge.js";
import { Button } from "../../kit/button.js";
import { Input } from "../../kit/field.js";
import { Listed } from "../../kit/listed.js";
import { Section } from "../../kit/page.js";
import { Ago } from "../../kit/time.js";
import { complain, say } from "../../kit/toast.js";
import { title } from "../../words/state.js";

const LIST = "/api/v1/channels/{channel}/suppressions";
const ONE = "/api/v1/channels/{channel}/suppressions/{address}";

/** Addresses that get nothing more. */
export function Suppressions({ channel }: { channel: string }) {
  const source = useRows(LIST, { path: { channel } });
  const refusal = useRefusal();
  const add = useChange("put", ONE, [LIST]);
  const remove = useChange("delete", ONE, [LIST]);
  const [address, setAddress] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!address.trim() || refusal) return;
    add.mutate(
      { path: { channel, address: address.trim() } },
      { onSuccess: () => setAddress(""), onError: complain },
    );
  };
  return (
    <Section
      title="Suppressed addresses"
      about="They bounced for good or complained, so nothing more is sent there."
    >
      <form className="filters" onSubmit={submit}>
        <span className="search">
          <Input
            className="plain"
            aria-label="Address to suppress"
            placeholder="name@example.com"
            value={address}
            onChange={(event) => setAddress(event.target.value)}
          />
        </span>
        <Button type="submit" busy={add.isPending} refusal={refusal}>
          Suppress
        </Button>
      </form>
      <Listed
        label="Suppressed addresses"
        source={source}
        id={({ address: own }) => own}
        columns={[
          { name: "Address", main: true, cell: ({ address: own }) => own },
          {
            name: "Why",
            cell: ({ why }) => (
              <Badge tone={why === "complained" ? "bad" : why === "manual" ? "quiet" : "wait"}>
                {title(why)}
              </Badge>
            ),
          },
          {
            name: "Delivery",
            spare: true,
            cell: ({ delivery_id }) =>
              delivery_id ? (
                <Link to="/deliveries" search={{ delivery: delivery_id }}>
                  Open
                </Link>
              ) : (
                <span className="faint">–</span>
              ),
          },
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
            name: "Take back",
            silent: true,
            end: true,
            cell: ({ address: own }) => (
              <Button
                small
                look="ghost"
                refusal={refusal}
                aria-label={`Take back ${own}`}
                onClick={() =>
                  remove.mutate(
                    { path: { channel, address: own } },
                    { onSuccess: () => say(`${own} gets mail again.`), onError: complain },
                  )
                }
              >
                Take back
              </Button>
            ),
          },
        ]}
        empty={<p className="muted">No address is suppressed.</p>}
      />
    </Section>
  );
}
