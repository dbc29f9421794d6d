// Every address of the console. Pages come when they are asked for, each with what it needs and no more.

import { Outlet, createRootRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";
import { Problem } from "./api/client.js";
import type { SessionView } from "./api/coming.js";
import { client } from "./api/queries.js";
import { doubted, ownTenant, sessionQuery } from "./api/session.js";
import { Failed, Skeleton } from "./kit/state.js";
import { Toasts } from "./kit/toast.js";
import { part } from "./part.js";
import { only, parseSearch, stringifySearch } from "./search.js";
import { Shell } from "./shell/shell.js";

const root = createRootRoute({
  component: () => (
    <>
      <Outlet />
      <Toasts />
    </>
  ),
});

const login = createRoute({
  getParentRoute: () => root,
  path: "login",
  validateSearch: only("next"),
  component: part(() => import("./pages/login.js"), "Login"),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  beforeLoad: async ({ location }) => {
    try {
      const known = doubted.session
        ? await client.fetchQuery({ ...sessionQuery, staleTime: 0, retry: false })
        : await client.ensureQueryData(sessionQuery);
      doubted.session = false;
      if (hasOnlyTenants(known)) {
        window.location.replace("/portal/");
        await new Promise(() => {});
      }
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      const next = location.href === "/" ? {} : { next: location.href };
      throw redirect({ to: "/login", search: next });
    }
  },
  component: Shell,
  pendingComponent: () => <div className="boot" role="status" aria-label="Loading" />,
  errorComponent: ({ error, reset }) => (
    <main className="boot">
      <Failed problem={asProblem(error)} retry={() => (reset(), void router.invalidate())} />
    </main>
  ),
});

/** Whoever is an admin of tenants and nothing else has their portal. */
function hasOnlyTenants({ environments }: SessionView): boolean {
  return environments.length > 0 && environments.every(({ tenant }) => tenant !== null);
}

function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(500, "console", (error as Error).message);
}

const page = <P extends string>(path: P) => ({ getParentRoute: () => shell, path }) as const;

const pages = [
  createRoute({
    ...page("/"),
    beforeLoad: () => {
      // The numbers are those of all tenants: whoever belongs to one begins with their own.
      const tenant = ownTenant();
      if (tenant) throw redirect({ to: "/tenants/$tenant", params: { tenant } });
    },
    component: part(() => import("./pages/overview/overview.js"), "Overview"),
  }),
  createRoute({
    ...page("events"),
    validateSearch: only("type", "category", "tenant", "user", "app", "entity", "from", "to"),
    component: part(() => import("./pages/events/events.js"), "Events"),
  }),
  createRoute({
    ...page("events/$event"),
    validateSearch: only("app", "user"),
    component: part(() => import("./pages/events/event.js"), "EventPage"),
  }),
  createRoute({
    ...page("deliveries"),
    validateSearch: only("channel", "status", "user", "workflow", "provider", "undelivered", "delivery"),
    component: part(() => import("./pages/deliveries/people.js"), "PeopleDeliveries"),
  }),
  createRoute({
    ...page("deliveries/webhooks"),
    validateSearch: only("app", "webhook", "status", "event", "delivery"),
    component: part(() => import("./pages/deliveries/webhooks.js"), "WebhookDeliveries"),
  }),
  createRoute({
    ...page("sandbox"),
    validateSearch: only("channel", "delivery"),
    component: part(() => import("./pages/sandbox.js"), "Sandbox"),
  }),
  createRoute({
    ...page("workflows"),
    component: part(() => import("./pages/workflows/list.js"), "Workflows"),
  }),
  createRoute({
    ...page("workflows/$workflow"),
    component: part(() => import("./pages/workflows/flow.js"), "WorkflowPage"),
  }),
  createRoute({
    ...page("workflows/$workflow/edit"),
    validateSearch: only("new"),
    component: part(() => import("./pages/workflows/edit.js"), "EditWorkflow"),
  }),
  createRoute({
    ...page("workflows/$workflow/versions"),
    validateSearch: only("from", "to"),
    component: part(() => import("./pages/workflows/versions.js"), "Versions"),
  }),
  createRoute({
    ...page("templates"),
    validateSearch: only("channel"),
    component: part(() => import("./pages/templates/list.js"), "Templates"),
  }),
  createRoute({
    ...page("templates/$template"),
    validateSearch: only("new"),
    component: part(() => import("./pages/templates/template.js"), "TemplatePage"),
  }),
  createRoute({
    ...page("event-types"),
    component: part(() => import("./pages/event-types/list.js"), "EventTypes"),
  }),
  createRoute({
    ...page("event-types/$name"),
    component: part(() => import("./pages/event-types/type.js"), "EventTypePage"),
  }),
  createRoute({
    ...page("users"),
    component: part(() => import("./pages/users/list.js"), "Users"),
  }),
  createRoute({
    ...page("users/$user"),
    validateSearch: only("tab", "delivery"),
    component: part(() => import("./pages/users/user.js"), "UserPage"),
  }),
  createRoute({
    ...page("tenants"),
    component: part(() => import("./pages/tenants/list.js"), "Tenants"),
  }),
  createRoute({
    ...page("tenants/$tenant"),
    validateSearch: only("tab"),
    component: part(() => import("./pages/tenants/tenant.js"), "TenantPage"),
  }),
  createRoute({
    ...page("applications"),
    component: part(() => import("./pages/applications/list.js"), "Applications"),
  }),
  createRoute({
    ...page("applications/$app"),
    validateSearch: only("tab"),
    component: part(() => import("./pages/applications/application.js"), "ApplicationPage"),
  }),
  createRoute({
    ...page("applications/$app/webhooks/$webhook"),
    component: part(() => import("./pages/applications/webhook.js"), "WebhookPage"),
  }),
  createRoute({
    ...page("settings/integrations"),
    component: part(() => import("./pages/integrations/integrations.js"), "Integrations"),
  }),
  createRoute({
    ...page("settings/integrations/webhooks"),
    component: part(() => import("./pages/integrations/webhooks.js"), "WebhooksIntegration"),
  }),
  createRoute({
    ...page("settings/integrations/$channel"),
    component: part(() => import("./pages/integrations/channel.js"), "ChannelPage"),
  }),
  createRoute({ ...page("team"), component: part(() => import("./pages/team.js"), "Team") }),
  createRoute({
    ...page("audit"),
    validateSearch: only("action", "actor", "subject", "from", "to", "line"),
    component: part(() => import("./pages/audit.js"), "Audit"),
  }),
  createRoute({
    ...page("settings"),
    validateSearch: only("tab"),
    component: part(() => import("./pages/settings/settings.js"), "Settings"),
  }),
  createRoute({ ...page("$"), component: Missing }),
] as const;

function Missing() {
  return (
    <div className="page">
      <Failed problem={new Problem(404, "not_found", "")} />
    </div>
  );
}

export const router = createRouter({
  routeTree: root.addChildren([login, shell.addChildren(pages)]),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  scrollRestoration: true,
  defaultPendingMs: 200,
  defaultPendingComponent: () => (
    <div className="page">
      <Skeleton lines={8} tall />
    </div>
  ),
  defaultErrorComponent: ({ error, reset }) => (
    <div className="page">
      <Failed problem={asProblem(error)} retry={() => (reset(), void router.invalidate())} />
    </div>
  ),
  defaultNotFoundComponent: Missing,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
