// Who has the portal: by the token of a link, or as somebody who is signed in as a tenant's admin.

import type { PortalView } from "@campanile/client";
import { readAddress } from "./address.js";

/** A tenant that whoever is signed in is an admin of. */
export interface Place {
  environment: string;
  tenant: string;
}

export interface Entry {
  /** Gives the token that elements show; null where there is none any more. */
  token: () => Promise<string | null>;
  /** The tenants to choose from; none with the token of a link. */
  places: Place[];
  /** The one that is looked at. */
  place: Place | null;
  signOut: (() => Promise<void>) | null;
}

interface Session {
  csrf: string;
  environments: Array<{ id: string; role: string; tenant: string | null }>;
}

async function session(): Promise<Session | null> {
  const answer = await fetch("/api/v1/session");
  return answer.ok ? ((await answer.json()) as Session) : null;
}

/** Who came, or null where nobody may. */
export async function enter(tenant: string | null): Promise<Entry | null> {
  const { token } = readAddress();
  if (token) return { token: async () => token, places: [], place: null, signOut: null };
  const known = await session();
  if (!known) return null;
  const places = known.environments.flatMap(({ id, tenant: own }) =>
    own ? [{ environment: id, tenant: own }] : [],
  );
  const place = places.find((one) => one.tenant === tenant) ?? places[0];
  if (!place) return null;
  const headers = {
    "campanile-csrf": known.csrf,
    "campanile-environment": place.environment,
    "campanile-tenant": place.tenant,
  };
  return {
    places,
    place,
    token: async () => {
      const answer = await fetch("/api/v1/session/portal", { method: "POST", headers });
      return answer.ok ? ((await answer.json()) as { token: string }).token : null;
    },
    signOut: async () => {
      await fetch("/api/v1/session", { method: "DELETE", headers });
    },
  };
}

/** What the portal of a token shows; null where it opens nothing any more. */
export async function look(token: string): Promise<PortalView | null> {
  const answer = await fetch("/api/v1/portal", { headers: { authorization: `Bearer ${token}` } });
  if (answer.status === 401 || answer.status === 403) return null;
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return (await answer.json()) as PortalView;
}
