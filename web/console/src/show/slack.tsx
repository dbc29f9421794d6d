// Block Kit as Slack would show it: the blocks that workflows use. What is not known is named, never dropped.

import type { ReactNode } from "react";

type Block = Record<string, unknown>;

/** Slack's small markup: bold, italic, struck, code, links and line breaks. */
export function mrkdwn(text: string): ReactNode[] {
  const out: ReactNode[] = [];
  const form = /\*([^*\n]+)\*|_([^_\n]+)_|~([^~\n]+)~|`([^`\n]+)`|<([^|>]+)\|([^>]+)>|<([^>]+)>|\n/g;
  let at = 0;
  for (const match of text.matchAll(form)) {
    if (match.index > at) out.push(unescape(text.slice(at, match.index)));
    at = match.index + match[0].length;
    const key = match.index;
    if (match[1]) out.push(<b key={key}>{unescape(match[1])}</b>);
    else if (match[2]) out.push(<i key={key}>{unescape(match[2])}</i>);
    else if (match[3]) out.push(<s key={key}>{unescape(match[3])}</s>);
    else if (match[4]) out.push(<code key={key}>{unescape(match[4])}</code>);
    else if (match[6])
      out.push(
        <span key={key} className="slack-link" title={match[5]}>
          {unescape(match[6])}
        </span>,
      );
    else if (match[7])
      out.push(
        <span key={key} className="slack-link">
          {unescape(match[7])}
        </span>,
      );
    else out.push(<br key={key} />);
  }
  out.push(unescape(text.slice(at)));
  return out;
}

function unescape(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function Text({ value }: { value: unknown }) {
  const { type, text } = (value ?? {}) as { type?: string; text?: string };
  if (!text) return null;
  return <>{type === "mrkdwn" ? mrkdwn(text) : text}</>;
}

function BlockView({ block }: { block: Block }) {
  const elements = (block["elements"] as Block[] | undefined) ?? [];
  switch (block["type"]) {
    case "header":
      return (
        <p className="slack-header">
          <Text value={block["text"]} />
        </p>
      );
    case "section":
      return (
        <div className="slack-section">
          {block["text"] ? (
            <p>
              <Text value={block["text"]} />
            </p>
          ) : null}
          {Array.isArray(block["fields"]) ? (
            <div className="slack-fields">
              {(block["fields"] as Block[]).map((field, index) => (
                <p key={index}>
                  <Text value={field} />
                </p>
              ))}
            </div>
          ) : null}
          {block["accessory"] ? <Element element={block["accessory"] as Block} /> : null}
        </div>
      );
    case "context":
      return (
        <p className="slack-context">
          {elements.map((element, index) => (
            <Text key={index} value={element} />
          ))}
        </p>
      );
    case "actions":
      return (
        <div className="slack-actions">
          {elements.map((element, index) => (
            <Element key={index} element={element} />
          ))}
        </div>
      );
    case "divider":
      return <hr />;
    case "image":
      return <p className="slack-context">[{String(block["alt_text"] ?? "image")}]</p>;
    default:
      return <p className="slack-context">A block of the type “{String(block["type"])}”</p>;
  }
}

function Element({ element }: { element: Block }) {
  if (element["type"] !== "button") return <span className="slack-context">{String(element["type"])}</span>;
  return (
    <span
      className={`slack-button ${String(element["style"] ?? "")}`}
      title={element["url"] as string | undefined}
    >
      <Text value={element["text"]} />
    </span>
  );
}

export function SlackMessage({ content }: { content: Record<string, unknown> }) {
  const blocks = content["blocks"] as Block[] | undefined;
  return (
    <div className="slack">
      <span className="slack-face" aria-hidden>
        C
      </span>
      <div>
        <p className="slack-who">
          <b>Campanile</b> <span>APP</span>
        </p>
        {blocks?.length ? (
          blocks.map((block, index) => <BlockView key={index} block={block} />)
        ) : (
          <p>{mrkdwn(String(content["text"] ?? ""))}</p>
        )}
      </div>
    </div>
  );
}
