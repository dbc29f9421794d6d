// Who is signed in, in which environment, and what they may do there.

import { queryOptions, useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { Problem, call, calling } from "./client.js";
import type { Role, SessionEnvironment, SessionView } from "./coming.js";
import { client } from "./queries.js";

const KEPT = "campanile-environment";

export const sessionQuery = queryOptions({
  queryKey: ["/api/v1/session"],
  queryFn: async () => take(await call("get", "/api/v1/session", {})),
  staleTime: 60_000,
  refetchOnWindowFocus: "always",
});

/** Takes over what a sign-in or a look at the session answered. */
export function take(session: SessionView): SessionView {
  calling.csrf = session.csrf;
  const known = session.environments.some(({ id }) => id === calling.environment);
  if (!known) {
    const kept = read();
    const again = session.environments.find(({ id }) => id === kept);
    calling.environment = (again ?? session.environments[0])?.id ?? null;
  }
  return session;
}

/** Whether the session has to be asked for again before the next page. What is shown stays until the answer is there. */
export const doubted = { session: false };

export function enter(session: SessionView): void {
  doubted.session = false;
  client.clear();
  client.setQueryData(sessionQuery.queryKey, take(session));
}

export async function signOut(): Promise<void> {
  await call("delete", "/api/v1/session", {});
  calling.csrf = null;
  doubted.session = true;
}

/** Nothing of one environment may be shown in another: what is kept of it is thrown away. */
export function chooseEnvironment(id: string): void {
  calling.environment = id;
  try {
    localStorage.setItem(KEPT, id);
  } catch {
    // No storage: the choice holds for this page view.
  }
  const session = client.getQueryData(sessionQuery.queryKey);
  client.clear();
  if (session) client.setQueryData(sessionQuery.queryKey, session);
  for (const hearer of hearers) hearer();
}

const hearers = new Set<() => void>();

/** The environment that every call names; what is drawn follows it. */
export function useEnvironmentId(): string | null {
  return useSyncExternalStore(
    (hearer) => {
      hearers.add(hearer);
      return () => hearers.delete(hearer);
    },
    () => calling.environment,
  );
}

function read(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

export const ROLES: Record<Role, string> = {
  operator: "Operator",
  developer: "Developer",
  viewer: "Viewer",
  tenant_admin: "Tenant admin",
};

export interface Here {
  session: SessionView;
  environment: SessionEnvironment;
  role: Role;
}

/** The session of a page inside the shell, where there always is one. */
export function useHere(): Here {
  const { data } = useQuery(sessionQuery);
  const chosen = useEnvironmentId();
  if (!data) throw new Problem(401, "session_missing", "Nobody is signed in.");
  const environment = data.environments.find(({ id }) => id === chosen) ?? data.environments[0];
  if (!environment) throw new Problem(403, "no_environment", "You belong to no environment.");
  return { session: data, environment, role: environment.role };
}

/** The tenant that a tenant's admin belongs to; null for everybody else. */
export function ownTenant(): string | null {
  const session = client.getQueryData(sessionQuery.queryKey);
  const here = session?.environments.find(({ id }) => id === calling.environment);
  return here?.role === "tenant_admin" ? here.tenant : null;
}

/** Why this role may not change anything; null when it may. */
export function useRefusal(needs: "write" | "team" = "write"): string | null {
  const { role } = useHere();
  if (role === "viewer")
    return "Viewers can look at everything and change nothing. Ask an operator for another role.";
  if (needs === "team" && role !== "operator") return "Only operators change the team.";
  return null;
}
