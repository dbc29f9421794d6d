import type { Schemas } from "../api/client.js";
import { Code } from "../kit/code.js";
import { At, span } from "../kit/time.js";
import { AttemptBadge } from "../words/state.js";

/** Every try of a delivery, first to last. */
export function Attempts({ attempts }: { attempts: Schemas["AttemptView"][] }) {
  if (attempts.length === 0) return <p className="muted">Nothing was tried yet.</p>;
  return (
    <ol className="line">
      {attempts.map((attempt) => (
        <li key={attempt.id}>
          <div className="row wrap">
            <strong className="strong">Attempt {attempt.number}</strong>
            <AttemptBadge outcome={attempt.outcome} />
            {attempt.status_code ? <code>{attempt.status_code}</code> : null}
            <span className="muted small push">
              <At at={attempt.started_at} clock /> · {span(attempt.duration_ms)}
            </span>
          </div>
          {attempt.error ? <p className="bad-text">{attempt.error}</p> : null}
          {attempt.response ? (
            <Code value={pretty(attempt.response)} label={`Answer to attempt ${attempt.number}`} bounded />
          ) : null}
        </li>
      ))}
    </ol>
  );
}

/** JSON in lines, and anything else as it came. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
