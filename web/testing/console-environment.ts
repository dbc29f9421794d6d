// Channels, team, audit log, settings and numbers, as the console's fake server answers them.

import { makeId } from "./console-data.js";
import {
  on,
  page,
  one,
  done,
  stamp,
  fresh,
  wants,
  within,
  take,
  problem,
  merge,
  type Kept,
} from "./console-router.js";
import { statsOf } from "./console-stats.js";

/* Channels, team, audit, settings, numbers */
on("GET", "/channels", (kept, { query }) => page(kept.channels, query));
on("GET", "/channels/{channel}/suppressions", (kept, { query }, { channel }) =>
  page(
    kept.suppressions.filter((row) => row.channel === channel),
    query,
  ),
);
on("PUT", "/channels/{channel}/suppressions/{address}", (kept, _, { channel, address }) => {
  const row = {
    address: address!,
    channel: channel as "email",
    why: "manual" as const,
    delivery_id: null,
    created_at: stamp(kept),
  };
  kept.suppressions.unshift(row);
  return { status: 201, body: row };
});
on(
  "DELETE",
  "/channels/{channel}/suppressions/{address}",
  (kept, _, { address }) => (take(kept.suppressions, (row) => row.address !== address), done),
);
on("GET", "/channels/{channel}", (kept, _, { channel }) =>
  one(kept.channels.find((row) => row.channel === channel)),
);
on("PUT", "/channels/{channel}", (kept, { body }, { channel }) => {
  if (channel === "email" && !body["from"])
    return problem(422, "invalid", "the channel is not right", [
      { pointer: "/from", code: "required", detail: "must say who sends" },
    ]);
  let found = kept.channels.find((row) => row.channel === channel);
  if (!found)
    kept.channels.push(
      (found = {
        id: makeId("chn", channel!),
        channel: channel!,
        settings: {},
        callbacks: {},
        created_at: stamp(kept),
        updated_at: stamp(kept),
      }),
    );
  return one(Object.assign(found, { settings: body, updated_at: stamp(kept) }));
});
on(
  "DELETE",
  "/channels/{channel}",
  (kept, _, { channel }) => (take(kept.channels, (row) => row.channel !== channel), done),
);
on("GET", "/team/invitations", (kept, { query }) => page(kept.invitations, query));
on("POST", "/team/invitations", (kept, { body }) => {
  const id = fresh(kept, "inv");
  const row = {
    id,
    tenant: null,
    expires_at: new Date(kept.world.now + 7 * 86_400_000).toISOString(),
    ...body,
  } as Kept["invitations"][number];
  kept.invitations.unshift(row);
  return { body: { ...row, link: `https://campanile.example/login#code=${makeId("c", id)}` } };
});
on(
  "DELETE",
  "/team/invitations/{id}",
  (kept, _, { id }) => (take(kept.invitations, (row) => row.id !== id), done),
);
on("GET", "/team", (kept, { query }) => page(kept.team, query));
on("PATCH", "/team/{account}", (kept, { body }, { account }) => {
  const found = kept.team.find(({ account_id }) => account_id === account);
  return one(found && Object.assign(found, body));
});
on(
  "DELETE",
  "/team/{account}",
  (kept, _, { account }) => (take(kept.team, ({ account_id }) => account_id !== account), done),
);
on("GET", "/audit", (kept, { query }) =>
  page(
    kept.audit.filter(
      (line) =>
        wants(query, "action", line.action) &&
        wants(query, "subject", line.subject) &&
        wants(query, "actor", line.actor.id) &&
        within(query, line.at),
    ),
    query,
  ),
);
on("GET", "/environment", (kept) => ({ body: { id: "env", name: kept.name, settings: kept.settings } }));
on("PATCH", "/environment", (kept, { body }) => {
  kept.settings = merge(kept.settings, body["settings"]) as Kept["settings"];
  return { body: { id: "env", name: kept.name, settings: kept.settings } };
});
on("GET", "/statistics", (kept, { query }) => ({ body: statsOf(kept, query) }));
