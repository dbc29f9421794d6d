import { useState } from "react";
import Monitor from "lucide-react/icons/monitor";
import Moon from "lucide-react/icons/moon";
import Smartphone from "lucide-react/icons/smartphone";
import Sun from "lucide-react/icons/sun";
import { Code } from "../kit/code.js";
import { Choice } from "../kit/field.js";
import { Facts } from "../kit/page.js";
import { MailFrame } from "./mail.js";
import { SlackMessage } from "./slack.js";
import { TeamsMessage } from "./teams.js";
import "./show.css";

type Content = Record<string, unknown>;
type View = "looks" | "text" | "source";

interface Props {
  channel: string;
  content: Content;
  /** With a choice of width: where looking at it is the point. */
  large?: boolean;
}

/** What was sent, as its reader sees it; beside it the text and what it is made of. */
export function MessageView({ channel, content, large }: Props) {
  const [view, setView] = useState<View>("looks");
  const [width, setWidth] = useState<"desktop" | "phone">("desktop");
  const [dark, setDark] = useState(false);
  const isMail = channel === "email";
  const views: Array<{ value: View; label: string }> = [
    { value: "looks", label: isMail ? "Mail" : "Message" },
    ...(isMail ? [{ value: "text" as const, label: "Text" }] : []),
    { value: "source", label: "Source" },
  ];
  return (
    <div className="message">
      <div className="row wrap apart">
        <Choice label="What is shown" value={view} options={views} onChange={setView} />
        {view === "looks" ? (
          <div className="row">
            {isMail ? (
              <Choice
                label="Theme of the mail"
                value={dark ? "dark" : "light"}
                options={[
                  { value: "light", label: <Sun aria-hidden />, name: "Light" },
                  { value: "dark", label: <Moon aria-hidden />, name: "Dark" },
                ]}
                onChange={(theme) => setDark(theme === "dark")}
              />
            ) : null}
            {large ? (
              <Choice
                label="Width"
                value={width}
                options={[
                  { value: "desktop", label: <Monitor aria-hidden />, name: "Desktop" },
                  { value: "phone", label: <Smartphone aria-hidden />, name: "Phone" },
                ]}
                onChange={setWidth}
              />
            ) : null}
          </div>
        ) : null}
      </div>
      {isMail ? <MailHead content={content} /> : null}
      {view === "source" ? <Code value={content} label="Content" bounded={!large} /> : null}
      {view === "text" ? (
        <Code plain value={String(content["text"] ?? "There is no plain text part.")} label="Plain text" />
      ) : null}
      {view === "looks" ? (
        <div className={`canvas ${width}`}>
          <Looks channel={channel} content={content} dark={dark} />
        </div>
      ) : null}
    </div>
  );
}

function Looks({ channel, content, dark }: { channel: string; content: Content; dark: boolean }) {
  if (channel === "slack") return <SlackMessage content={content} />;
  if (channel === "teams") return <TeamsMessage content={content} />;
  if (channel !== "email") return <Code value={content} label="Content" />;
  const html = content["html"];
  if (typeof html === "string")
    return <MailFrame html={html} title={String(content["subject"] ?? "Mail")} dark={dark} />;
  return <pre className="mail-text">{String(content["text"] ?? "")}</pre>;
}

function MailHead({ content }: { content: Content }) {
  const said = (name: string) => {
    const value = content[name];
    if (!value) return null;
    if (typeof value === "string") return value;
    const { address, name: person } = value as { address?: string; name?: string };
    return person ? `${person} <${address}>` : (address ?? "");
  };
  return (
    <Facts
      facts={[
        ["Subject", <strong className="strong">{said("subject")}</strong>],
        said("to") ? ["To", said("to")] : null,
        said("reply_to") ? ["Reply to", said("reply_to")] : null,
      ]}
    />
  );
}
