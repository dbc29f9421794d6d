// Where one can go: the sidebar, the palette and the keyboard read the same list.

import type { ReactNode } from "react";
import Activity from "lucide-react/icons/activity";
import Blocks from "lucide-react/icons/blocks";
import BookOpen from "lucide-react/icons/book-open";
import Box from "lucide-react/icons/box";
import Building from "lucide-react/icons/building-2";
import FileText from "lucide-react/icons/file-text";
import FlaskConical from "lucide-react/icons/flask-conical";
import House from "lucide-react/icons/house";
import Send from "lucide-react/icons/send";
import ScrollText from "lucide-react/icons/scroll-text";
import Settings from "lucide-react/icons/settings";
import User from "lucide-react/icons/user";
import UserCog from "lucide-react/icons/user-cog";
import Workflow from "lucide-react/icons/workflow";
import type { Role } from "../api/coming.js";

export interface Place {
  to: string;
  label: string;
  icon: ReactNode;
  /** Pressed after `g`. */
  key: string;
  also?: string;
}

export const PLACES: Array<{ title: string; places: Place[] }> = [
  {
    title: "Watch",
    places: [
      { to: "/", label: "Overview", icon: <House aria-hidden />, key: "o", also: "home health rates" },
      { to: "/events", label: "Events", icon: <Activity aria-hidden />, key: "e", also: "live trace why" },
      {
        to: "/deliveries",
        label: "Deliveries",
        icon: <Send aria-hidden />,
        key: "d",
        also: "messages retry failed undelivered",
      },
      {
        to: "/sandbox",
        label: "Sandbox",
        icon: <FlaskConical aria-hidden />,
        key: "x",
        also: "outbox mails test",
      },
    ],
  },
  {
    title: "Declare",
    places: [
      {
        to: "/workflows",
        label: "Workflows",
        icon: <Workflow aria-hidden />,
        key: "w",
        also: "steps preview",
      },
      {
        to: "/templates",
        label: "Templates",
        icon: <FileText aria-hidden />,
        key: "p",
        also: "layout liquid",
      },
      {
        to: "/event-types",
        label: "Event types",
        icon: <BookOpen aria-hidden />,
        key: "y",
        also: "catalogue schema",
      },
    ],
  },
  {
    title: "People and programs",
    places: [
      { to: "/users", label: "Users", icon: <User aria-hidden />, key: "u", also: "feed preferences" },
      {
        to: "/tenants",
        label: "Tenants",
        icon: <Building aria-hidden />,
        key: "t",
        also: "members organisation",
      },
      {
        to: "/applications",
        label: "Applications",
        icon: <Box aria-hidden />,
        key: "a",
        also: "keys webhooks endpoints",
      },
      {
        to: "/settings/integrations",
        label: "Integrations",
        icon: <Blocks aria-hidden />,
        key: "i",
        also: "connectors channels email slack",
      },
    ],
  },
  {
    title: "Environment",
    places: [
      { to: "/team", label: "Team", icon: <UserCog aria-hidden />, key: "m", also: "members invite roles" },
      { to: "/audit", label: "Audit log", icon: <ScrollText aria-hidden />, key: "l", also: "who when" },
      {
        to: "/settings",
        label: "Settings",
        icon: <Settings aria-hidden />,
        key: "s",
        also: "keys limits retention",
      },
    ],
  },
];

/** What a tenant's admin gets to see: their own tenant and what belongs to it. */
const TENANT_PLACES = new Set(["/tenants", "/applications"]);

export function placesFor(role: Role): typeof PLACES {
  if (role !== "tenant_admin") return PLACES;
  const own = PLACES.map(({ title, places }) => ({
    title,
    places: places.filter(({ to }) => TENANT_PLACES.has(to)),
  }));
  return own.filter(({ places }) => places.length > 0);
}
