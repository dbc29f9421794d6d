import type { ReactNode } from "react";
import Bell from "lucide-react/icons/bell";
import Clock from "lucide-react/icons/clock";
import Filter from "lucide-react/icons/filter";
import GitBranch from "lucide-react/icons/git-branch";
import Globe from "lucide-react/icons/globe";
import Hash from "lucide-react/icons/hash";
import Hourglass from "lucide-react/icons/hourglass";
import Layers from "lucide-react/icons/layers";
import Mail from "lucide-react/icons/mail";
import MessageSquare from "lucide-react/icons/message-square";
import Phone from "lucide-react/icons/phone";
import Play from "lucide-react/icons/play";
import Smartphone from "lucide-react/icons/smartphone";
import Users from "lucide-react/icons/users";
import Webhook from "lucide-react/icons/webhook";

/** Channels, and what else a step does, by the words of the API. */
const KINDS: Record<string, [string, ReactNode]> = {
  in_app: ["In-app", <Bell aria-hidden />],
  email: ["Email", <Mail aria-hidden />],
  slack: ["Slack", <Hash aria-hidden />],
  teams: ["Microsoft Teams", <Users aria-hidden />],
  push: ["Push", <Smartphone aria-hidden />],
  sms: ["SMS", <MessageSquare aria-hidden />],
  voice: ["Voice", <Phone aria-hidden />],
  webhook: ["Webhook", <Webhook aria-hidden />],
  batch: ["Batch", <Layers aria-hidden />],
  delay: ["Delay", <Clock aria-hidden />],
  throttle: ["Throttle", <Filter aria-hidden />],
  branch: ["Branch", <GitBranch aria-hidden />],
  fetch: ["Fetch", <Globe aria-hidden />],
  wait_for: ["Wait for", <Hourglass aria-hidden />],
  trigger: ["Trigger", <Play aria-hidden />],
};

export const PEOPLE_CHANNELS = ["in_app", "email", "slack", "teams", "push", "sms", "voice"] as const;

export function kindName(kind: string): string {
  const config = kind.replace(/_webhook$/, "");
  return KINDS[config]?.[0] ?? kind.replaceAll("_", " ");
}

export function KindIcon({ kind }: { kind: string }) {
  return <>{KINDS[kind.replace(/_webhook$/, "")]?.[1] ?? <Play aria-hidden />}</>;
}

export function Kind({ kind }: { kind: string }) {
  return (
    <span className="kind">
      <KindIcon kind={kind} />
      {kindName(kind)}
    </span>
  );
}
