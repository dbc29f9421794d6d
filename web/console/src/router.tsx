// Every address of the console. Pages come when they are asked for, each with what it needs and no more.

import {
  Outlet,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { Problem } from "./api/client.js";
import { client } from "./api/queries.js";
import { sessionQuery } from "./api/session.js";
import { Failed, Skeleton } from "./kit/state.js";
import { Toasts } from "./kit/toast.js";
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
  component: lazyRouteComponent(() => import("./pages/login.js"), "Login"),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  beforeLoad: async ({ location }) => {
    try {
      await client.ensureQueryData(sessionQuery);
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

function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(500, "console", (error as Error).message);
}

const page = <P extends string>(path: P) => ({ getParentRoute: () => shell, path }) as const;

const pages = [
  createRoute({
    ...page("/"),
    component: lazyRouteComponent(() => import("./pages/overview/overview.js"), "Overview"),
  }),
  createRoute({
    ...page("events"),
    validateSearch: only("type", "category", "tenant", "user", "app", "entity", "from", "to"),
    component: lazyRouteComponent(() => import("./pages/events/events.js"), "Events"),
  }),
  createRoute({
    ...page("events/$event"),
    validateSearch: only("app", "user"),
    component: lazyRouteComponent(() => import("./pages/events/event.js"), "EventPage"),
  }),
  createRoute({
    ...page("deliveries"),
    validateSearch: only("channel", "status", "user", "workflow", "provider", "undelivered", "delivery"),
    component: lazyRouteComponent(() => import("./pages/deliveries/people.js"), "PeopleDeliveries"),
  }),
  createRoute({
    ...page("deliveries/webhooks"),
    validateSearch: only("app", "webhook", "status", "event", "delivery"),
    component: lazyRouteComponent(() => import("./pages/deliveries/webhooks.js"), "WebhookDeliveries"),
  }),
  createRoute({
    ...page("sandbox"),
    validateSearch: only("channel", "delivery"),
    component: lazyRouteComponent(() => import("./pages/sandbox.js"), "Sandbox"),
  }),
  createRoute({
    ...page("workflows"),
    component: lazyRouteComponent(() => import("./pages/workflows/list.js"), "Workflows"),
  }),
  createRoute({
    ...page("workflows/$workflow"),
    component: lazyRouteComponent(() => import("./pages/workflows/flow.js"), "WorkflowPage"),
  }),
  createRoute({
    ...page("workflows/$workflow/edit"),
    validateSearch: only("new"),
    component: lazyRouteComponent(() => import("./pages/workflows/edit.js"), "EditWorkflow"),
  }),
  createRoute({
    ...page("workflows/$workflow/versions"),
    validateSearch: only("from", "to"),
    component: lazyRouteComponent(() => import("./pages/workflows/versions.js"), "Versions"),
  }),
  createRoute({
    ...page("templates"),
    validateSearch: only("channel"),
    component: lazyRouteComponent(() => import("./pages/templates/list.js"), "Templates"),
  }),
  createRoute({
    ...page("templates/$template"),
    validateSearch: only("new"),
    component: lazyRouteComponent(() => import("./pages/templates/template.js"), "TemplatePage"),
  }),
  createRoute({
    ...page("event-types"),
    component: lazyRouteComponent(() => import("./pages/event-types/list.js"), "EventTypes"),
  }),
  createRoute({
    ...page("event-types/$name"),
    component: lazyRouteComponent(() => import("./pages/event-types/type.js"), "EventTypePage"),
  }),
  createRoute({
    ...page("users"),
    component: lazyRouteComponent(() => import("./pages/users/list.js"), "Users"),
  }),
  createRoute({
    ...page("users/$user"),
    validateSearch: only("tab", "delivery"),
    component: lazyRouteComponent(() => import("./pages/users/user.js"), "UserPage"),
  }),
  createRoute({
    ...page("tenants"),
    component: lazyRouteComponent(() => import("./pages/tenants/list.js"), "Tenants"),
  }),
  createRoute({
    ...page("tenants/$tenant"),
    validateSearch: only("tab"),
    component: lazyRouteComponent(() => import("./pages/tenants/tenant.js"), "TenantPage"),
  }),
  createRoute({
    ...page("applications"),
    component: lazyRouteComponent(() => import("./pages/applications/list.js"), "Applications"),
  }),
  createRoute({
    ...page("applications/$app"),
    validateSearch: only("tab"),
    component: lazyRouteComponent(() => import("./pages/applications/application.js"), "ApplicationPage"),
  }),
  createRoute({
    ...page("applications/$app/webhooks/$webhook"),
    component: lazyRouteComponent(() => import("./pages/applications/webhook.js"), "WebhookPage"),
  }),
  createRoute({
    ...page("settings/integrations"),
    component: lazyRouteComponent(() => import("./pages/integrations/integrations.js"), "Integrations"),
  }),
  createRoute({
    ...page("settings/integrations/webhooks"),
    component: lazyRouteComponent(() => import("./pages/integrations/webhooks.js"), "WebhooksIntegration"),
  }),
  createRoute({
    ...page("settings/integrations/$channel"),
    component: lazyRouteComponent(() => import("./pages/integrations/channel.js"), "ChannelPage"),
  }),
  createRoute({ ...page("team"), component: lazyRouteComponent(() => import("./pages/team.js"), "Team") }),
  createRoute({
    ...page("audit"),
    validateSearch: only("action", "actor", "subject", "from", "to", "line"),
    component: lazyRouteComponent(() => import("./pages/audit.js"), "Audit"),
  }),
  createRoute({
    ...page("settings"),
    validateSearch: only("tab"),
    component: lazyRouteComponent(() => import("./pages/settings/settings.js"), "Settings"),
  }),
] as const;

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
      <Failed problem={asProblem(error)} retry={reset} />
    </div>
  ),
  defaultNotFoundComponent: () => (
    <div className="page">
      <Failed problem={new Problem(404, "not_found", "")} />
    </div>
  ),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
