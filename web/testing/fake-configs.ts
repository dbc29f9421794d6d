// Channel configs as the contract has them: bare arrays, 422 with pointers, tests that say what happened.

import type { ChannelConfig, ConfigChannel, ConfigChoices, NewChannelConfig } from "@campanile/client";
import { invalid, problem, type Answer, type Request } from "./answers.js";
import { makeId } from "./feed-log.js";

const PATH = "/api/v1/notifications/configs";

export class FakeConfigs {
  rows: ChannelConfig[] = [];
  /** What a test of a config comes to. */
  tested = { success: true, message: "Test message sent to Slack" };
  choices: ConfigChoices = {
    channels: [
      { channel: "email", label: "Email", available: true, reason: null },
      { channel: "slack_webhook", label: "Slack", available: true, reason: null },
      { channel: "teams_webhook", label: "Microsoft Teams", available: true, reason: null },
    ],
    events: [
      { event: "session.escalated", label: "Session Escalated" },
      { event: "session.high_priority", label: "High Priority Session" },
      { event: "proposal.pending", label: "New Flow Proposal" },
      { event: "proposal.approved", label: "Proposal Approved" },
      { event: "knowledge_gap.detected", label: "Knowledge Gap Detected" },
    ],
  };

  add(config: NewChannelConfig): ChannelConfig {
    const now = new Date().toISOString();
    const all = Object.fromEntries(this.choices.events.map(({ event }) => [event, true]));
    const row: ChannelConfig = {
      id: makeId("chc"),
      account_id: "acme",
      channel: config.channel,
      webhook_url: config.webhook_url ?? null,
      email_addresses: config.email_addresses ?? [],
      is_active: config.is_active ?? true,
      events_enabled: config.events_enabled ?? all,
      created_at: now,
      updated_at: now,
    };
    this.rows.push(row);
    return row;
  }

  answer({ method, path, body }: Request): Answer | null {
    if (!path.startsWith(PATH)) return null;
    const rest = path.slice(PATH.length + 1);
    if (method === "GET" && rest === "choices") return { body: this.choices };
    if (method === "GET" && !rest) return { body: this.rows };
    if (method === "POST" && !rest) return this.#create(body as NewChannelConfig);
    if (method === "POST" && rest === "test") return { body: this.tested };
    const row = this.rows.find(({ id }) => id === rest);
    if (!row) return problem(404, "not_found");
    if (method === "PATCH") return this.#change(row, body as Partial<NewChannelConfig>);
    if (method !== "DELETE") return null;
    this.rows = this.rows.filter((one) => one !== row);
    return { status: 204 };
  }

  #create(config: NewChannelConfig): Answer {
    const wrong = this.#faults(config.channel, config, true);
    return wrong ?? { status: 201, body: this.add(config) };
  }

  #change(row: ChannelConfig, changes: Partial<NewChannelConfig>): Answer {
    const wrong = this.#faults(row.channel, changes, false);
    if (wrong) return wrong;
    Object.assign(row, changes, { updated_at: new Date().toISOString() });
    return { body: row };
  }

  #faults(channel: ConfigChannel, config: Partial<NewChannelConfig>, whole: boolean): Answer | null {
    if (channel === "email") {
      const { email_addresses: addresses } = config;
      if (whole ? !addresses?.length : addresses?.length === 0)
        return invalid({ "/email_addresses": "email_addresses required for email channel" });
      const at = addresses?.findIndex((address) => !/^\S+@\S+$/.test(address)) ?? -1;
      return at < 0
        ? null
        : invalid({ [`/email_addresses/${at}`]: `“${addresses![at]}” is no email address` });
    }
    const { webhook_url: url } = config;
    if (whole ? !url : url === "")
      return invalid({ "/webhook_url": `webhook_url is required for ${channel}` });
    if (url && !/^https:\/\/\S+\.\S+/.test(url)) return invalid({ "/webhook_url": "must be an https URL" });
    return null;
  }
}
