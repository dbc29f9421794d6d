import { Badge } from "../../kit/badge.js";
import { At } from "../../kit/time.js";
import { KindIcon, kindName } from "../../words/channel.js";
import { STEP, title } from "../../words/state.js";
import { compared, sentence, type Compared, type Why } from "../../words/why.js";

export interface Moment {
  at: string;
  what: "event" | "step" | "attempt" | "webhook";
  type?: string;
  workflows?: Array<{ workflow: string; starts: boolean; triggers: Array<{ because?: Compared[] }> }>;
  user_id?: string;
  step?: string;
  does?: string;
  outcome?: string;
  why?: Why | null;
  until?: string;
  channel?: string;
  recipient?: string | null;
  error?: string | null;
}

/** One thing that happens while the clock is turned, with what decided it. */
export function MomentLine({ moment, later }: { moment: Moment; later: boolean }) {
  const outcome = moment.outcome as keyof typeof STEP | undefined;
  const tone =
    moment.what === "event"
      ? "info"
      : moment.what === "attempt"
        ? moment.outcome === "sent"
          ? "good"
          : "wait"
        : outcome
          ? STEP[outcome]
          : "quiet";
  return (
    <li className={`on-${tone} ${later ? "later" : ""}`}>
      <div className="row wrap">
        {moment.what === "event" ? (
          <span className="strong">{moment.type} comes in</span>
        ) : (
          <span className="kind">
            <KindIcon kind={moment.does ?? moment.channel ?? "webhook"} />
            {kindName(moment.does ?? moment.channel ?? "webhook")}
          </span>
        )}
        {moment.what === "attempt" ? <span className="muted">attempt</span> : null}
        {moment.user_id ? <span className="muted">for {moment.user_id}</span> : null}
        {moment.outcome ? <Badge tone={tone ?? "quiet"}>{title(moment.outcome)}</Badge> : null}
        <span className="muted small push">
          <At at={moment.at} />
        </span>
      </div>
      {(moment.workflows ?? [])
        .filter(({ starts }) => !starts)
        .map(({ workflow, triggers }) => (
          <p key={workflow} className="why">
            {workflow} is not started
            {triggers
              .flatMap(({ because }) => because ?? [])
              .filter(({ holds }) => !holds)
              .map((one) => `: ${compared(one)}`)}
            .
          </p>
        ))}
      {moment.why ? <p className="why">{sentence(moment.why)}.</p> : null}
      {moment.until ? (
        <p className="muted small">
          until <At at={moment.until} />
        </p>
      ) : null}
      {moment.error ? <p className="bad-text">{moment.error}</p> : null}
    </li>
  );
}
