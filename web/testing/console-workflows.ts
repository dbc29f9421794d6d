// Workflows and templates of the console's fake server: every kind of step is drawn by one of them.

const session = {
  title: "Session escalated by {{ data.engineer_name }}",
  body: "Reason: {{ data.escalation_reason }}\nProblem: {{ data.problem_summary }}",
};

export const WORKFLOWS: Array<Record<string, unknown>> = [
  {
    key: "session-escalated",
    name: "Session escalated",
    description: "Tells the owner and admins of the account, and its own channels.",
    events: [{ type: "session.escalated" }],
    categories: ["sessions"],
    members_only: true,
    recipients: [{ users_from: "data.escalated_to_id" }],
    otherwise: [{ tenant_from: "tenant.id", roles: ["owner", "admin"] }],
    steps: [
      { name: "bell", in_app: { ...session, link: "/sessions/{{ data.session_id }}", priority: "high" } },
      {
        name: "mail",
        if: { "recipient.email": { exists: true } },
        email: {
          subject: "[Help desk] {{ data.engineer_name }} escalated {{ data.session_id }}",
          html: '<h1>Session escalated by {{ data.engineer_name }}</h1><p style="white-space:pre-line">Reason: {{ data.escalation_reason }}</p>',
          layout: "helpdesk-mail",
        },
      },
    ],
    tenant_steps: [
      {
        name: "slack",
        slack: {
          ...session,
          link: "https://app.helpdesk.example/sessions/{{ data.session_id }}",
          link_label: "Open in Help desk",
        },
      },
      {
        name: "teams",
        teams: {
          ...session,
          link: "https://app.helpdesk.example/sessions/{{ data.session_id }}",
          link_label: "Open in Help desk",
        },
      },
    ],
  },
  {
    key: "observation-captured",
    name: "Observation captured",
    description: "In every member’s feed at once, and one mail for five minutes of a workspace.",
    events: [
      {
        type: "observation.captured",
        if: {
          all: [
            { path: "data.score", is: "at_least", value: 70 },
            { path: "data.workspaceId", is: "exists" },
          ],
        },
      },
    ],
    categories: ["observations"],
    recipients: [{ tenant_from: "tenant.id" }],
    steps: [
      {
        name: "bell",
        in_app: {
          title: "{{ data.kind | capitalize }}",
          body: "Score {{ data.score }}. Topics: {{ data.topics | join: ', ' }}",
          link: "/workspace/{{ data.workspaceId }}",
        },
      },
      { name: "five-minutes", batch: { window: "5m", key: "data.workspaceId" } },
      {
        name: "mail",
        email: {
          subject: "{{ total_activities }} new observations",
          html: "<h1>{{ total_activities }} new observations in {{ tenant.name }}</h1>",
          layout: "helpdesk-mail",
        },
      },
    ],
    tenant_steps: [{ name: "public", webhook: { event: "observation.created" } }],
  },
  {
    key: "proposal-pending",
    name: "Proposal to review",
    description: "Asks a reviewer, reminds them after a day, and tells an admin when nobody answers.",
    events: [{ type: "proposal.pending", if: { "data.status": { equals: "pending" } } }],
    categories: ["proposals"],
    recipients: [{ users_from: "data.reviewer_id" }],
    steps: [
      { name: "limit", throttle: { limit: 20, per: "1h" } },
      {
        name: "reviewer",
        fetch: { url: "https://app.helpdesk.example/api/reviewers/{{ data.reviewer_id }}", method: "GET" },
      },
      {
        name: "how",
        branch: {
          arms: [
            {
              if: { "found.reviewer.body.on_call": { equals: true } },
              steps: [
                { name: "chat", in_app: { title: "Review now: {{ data.title }}", priority: "urgent" } },
              ],
            },
            {
              if: { "data.domain": { in: ["network", "security"] } },
              steps: [
                { name: "ask", in_app: { title: "New proposal: {{ data.title }}" } },
                {
                  name: "ask-mail",
                  email: { subject: "New proposal: {{ data.title }}", text: "Please have a look." },
                },
              ],
            },
          ],
          otherwise: [
            { name: "later", delay: { for: "1h" } },
            { name: "hint", in_app: { title: "New proposal: {{ data.title }}", priority: "low" } },
          ],
        },
      },
      {
        name: "answer",
        wait_for: {
          event: { type: "proposal.approved", match: { "data.proposal_id": "data.proposal_id" } },
          for: "1d",
        },
      },
      {
        name: "remind",
        if: { "found.answer.happened": { equals: false } },
        email: { subject: "Still waiting: {{ data.title }}", text: "Nobody answered for a day." },
      },
      {
        name: "escalate",
        if: { "found.answer.happened": { equals: false } },
        trigger: { workflow: "session-escalated" },
      },
    ],
  },
  {
    key: "weekly-summary",
    name: "Weekly summary",
    active: false,
    recipients: [{ topic: "summary" }],
    categories: ["digests"],
    steps: [{ name: "mail", email: { subject: "Your week", text: "{{ data.count }} sessions." } }],
  },
];

export const TEMPLATES: Array<[string, string]> = [
  [
    "helpdesk-mail",
    `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <style>@media (prefers-color-scheme: dark) { .page { background: #101116 !important; color: #ececf1 !important } }</style>
  </head>
  <body class="page" style="margin:0;background:#f4f5f7;color:#1b1d24;font:16px/1.55 system-ui,sans-serif">
    <div style="max-width:560px;margin:0 auto;padding:28px 20px">
      <p style="font-weight:600;color:#4f5bd5">Help desk</p>
      {{ content }}
      <p style="font-size:13px;color:#6a7080"><a href="{{ preferences_url }}" style="color:#6a7080">Notification settings</a></p>
    </div>
  </body>
</html>
`,
  ],
  ["signature", `<p style="color:#6a7080">— Your help desk, {{ tenant.name }}</p>\n`],
  [
    "session-card",
    `<div style="border-left:3px solid #4f5bd5;padding:4px 0 4px 12px">
  <strong>{{ data.session_id }}</strong><br>
  {{ data.problem_summary }}
</div>
`,
  ],
];
