import type { ReactNode } from "react";
import { Link } from "@tanstack/react-router";
import Bell from "lucide-react/icons/bell";
import Bug from "lucide-react/icons/bug";
import GitPullRequest from "lucide-react/icons/git-pull-request";
import Hash from "lucide-react/icons/hash";
import Mail from "lucide-react/icons/mail";
import MessageCircle from "lucide-react/icons/message-circle";
import NotebookText from "lucide-react/icons/notebook-text";
import SquareKanban from "lucide-react/icons/square-kanban";
import Triangle from "lucide-react/icons/triangle";
import Users from "lucide-react/icons/users";
import WebhookIcon from "lucide-react/icons/webhook";
import { useRead } from "../../api/queries.js";
import { Badge } from "../../kit/badge.js";
import { Page, Section } from "../../kit/page.js";
import { Loaded, Skeleton } from "../../kit/state.js";
import "./integrations.css";

interface Card {
  name: string;
  about: string;
  icon: ReactNode;
  badge: ReactNode;
  /** Where its page is; nothing for what is not built yet, which is no link. */
  action?: { label: string; to: string; channel?: string };
}

const SOON = <Badge>Coming soon</Badge>;

const CONNECTORS: Card[] = [
  {
    name: "GitHub",
    about: "Pushes, pull requests, issues and releases come in as events.",
    icon: <GitPullRequest aria-hidden />,
    badge: SOON,
  },
  { name: "Vercel", about: "Deployments come in as events.", icon: <Triangle aria-hidden />, badge: SOON },
  {
    name: "Linear",
    about: "Issues and projects come in as events.",
    icon: <SquareKanban aria-hidden />,
    badge: SOON,
  },
  { name: "Sentry", about: "Errors and alerts come in as events.", icon: <Bug aria-hidden />, badge: SOON },
  {
    name: "Notion",
    about: "Pages and databases come in as events.",
    icon: <NotebookText aria-hidden />,
    badge: SOON,
  },
];

export function Integrations() {
  const channels = useRead("/api/v1/channels", {});
  return (
    <Page
      title="Integrations"
      about="A connector brings data in from a source. A channel takes notifications out to people and programs."
    >
      <Section title="Data Connectors">
        <Cards cards={CONNECTORS} />
      </Section>
      <Section title="Notification Channels">
        <Loaded query={channels} skeleton={<Skeleton lines={4} tall />}>
          {({ data }) => <Cards cards={channelCards(new Set(data.map(({ channel }) => channel)))} />}
        </Loaded>
      </Section>
    </Page>
  );
}

function channelCards(set: Set<string>): Card[] {
  const badge = (channel: string) =>
    set.has(channel) ? <Badge tone="good">Connected</Badge> : <Badge tone="info">Available</Badge>;
  return [
    {
      name: "In-App Feed",
      about: "The bell in your own pages. Always on.",
      icon: <Bell aria-hidden />,
      badge: <Badge tone="good">Active</Badge>,
    },
    {
      name: "Email",
      about: "Mails by SMTP or Resend, with a second provider to take over.",
      icon: <Mail aria-hidden />,
      badge: badge("email"),
      action: { label: "Configure", to: "/settings/integrations/$channel", channel: "email" },
    },
    {
      name: "Slack",
      about: "Messages in the Slack channels that tenants choose.",
      icon: <Hash aria-hidden />,
      badge: badge("slack"),
      action: {
        label: set.has("slack") ? "Configure" : "Connect",
        to: "/settings/integrations/$channel",
        channel: "slack",
      },
    },
    {
      name: "Microsoft Teams",
      about: "Cards in the Teams channels that tenants choose.",
      icon: <Users aria-hidden />,
      badge: badge("teams"),
      action: {
        label: set.has("teams") ? "Configure" : "Connect",
        to: "/settings/integrations/$channel",
        channel: "teams",
      },
    },
    {
      name: "Webhooks",
      about: "Signed events for programs, with a log and retries.",
      icon: <WebhookIcon aria-hidden />,
      badge: <Badge tone="good">Active</Badge>,
      action: { label: "Configure", to: "/settings/integrations/webhooks" },
    },
    {
      name: "Discord",
      about: "Messages in Discord channels.",
      icon: <MessageCircle aria-hidden />,
      badge: SOON,
    },
  ];
}

function Cards({ cards }: { cards: Card[] }) {
  return (
    <ul className="cards">
      {cards.map(({ name, about, icon, badge, action }) => (
        <li key={name} className={`card integration ${action || name === "In-App Feed" ? "" : "soon"}`}>
          <span className="integration-icon">{icon}</span>
          <div>
            <h3>{name}</h3>
            <p className="muted small">{about}</p>
          </div>
          <div className="integration-foot">
            {badge}
            {action ? (
              <Link
                className="button secondary small"
                to={action.to}
                params={action.channel ? { channel: action.channel } : {}}
                aria-label={`${action.label} ${name}`}
              >
                {action.label}
              </Link>
            ) : null}
          </div>
        </li>
      ))}
    </ul>
  );
}
