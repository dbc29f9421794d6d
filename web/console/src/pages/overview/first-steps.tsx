import type { ReactNode } from "react";
import { Link } from "@tanstack/react-router";
import Check from "lucide-react/icons/check";
import { useRead } from "../../api/queries.js";
import { Command } from "../../kit/code.js";
import { applyCommand, curlCommand, publishCommand } from "../../words/commands.js";

/** A newcomer's first minute: what is there already is ticked off, the next thing says how. Gone when all is done. */
export function FirstSteps() {
  const one = { query: { limit: 1 } };
  const apps = useRead("/api/v1/apps", one);
  const keys = useRead("/api/v1/keys", one);
  const workflows = useRead("/api/v1/workflows", one);
  const users = useRead("/api/v1/users", one);
  const events = useRead("/api/v1/events", one, { every: apps.data?.data.length ? 3_000 : false });
  const all = [apps, keys, workflows, users, events];
  if (all.some(({ data }) => data === undefined)) return null;
  const has = (query: { data: { data: unknown[] } | undefined }) => (query.data?.data.length ?? 0) > 0;
  if (all.every(has)) return null;
  const app = apps.data?.data[0];
  const steps: Array<{ name: string; done: boolean; how: ReactNode }> = [
    {
      name: "Make an application",
      done: has(apps),
      how: (
        <>
          <p>
            An application is a program of yours that publishes events.{" "}
            <Link className="link" to="/applications">
              Make one here
            </Link>
            .
          </p>
        </>
      ),
    },
    {
      name: "Make a key",
      done: has(keys),
      how: (
        <p>
          Your backend calls with a secret key.{" "}
          <Link className="link" to="/settings" search={{ tab: "keys" }}>
            Make one
          </Link>
          ; it is shown once.
        </p>
      ),
    },
    {
      name: "Name a user",
      done: has(users),
      how: (
        <>
          <p>People are known by your own ids.</p>
          <Command text={curlCommand("PUT", "/users/ada", { name: "Ada", email: "ada@example.com" })} />
        </>
      ),
    },
    {
      name: "Declare a workflow",
      done: has(workflows),
      how: (
        <>
          <p>
            It says what happens for an event: whom it reaches, through which channels, when.{" "}
            <Link
              className="link"
              to="/workflows/$workflow/edit"
              params={{ workflow: "hello" }}
              search={{ new: "1" }}
            >
              Write one here
            </Link>
            , or keep it in files:
          </p>
          <Command text={applyCommand()} />
        </>
      ),
    },
    {
      name: "Publish an event",
      done: has(events),
      how: (
        <>
          <p>This page notices it by itself.</p>
          <Command text={publishCommand(app?.uid ?? app?.id)} />
        </>
      ),
    },
  ];
  const next = steps.findIndex(({ done }) => !done);
  return (
    <section className="card first" aria-labelledby="first-steps">
      <header className="row apart">
        <h2 id="first-steps">The first minute</h2>
        <span className="muted small">
          {steps.filter(({ done }) => done).length} of {steps.length}
        </span>
      </header>
      <ol>
        {steps.map(({ name, done, how }, index) => (
          <li key={name} className={done ? "done" : index === next ? "next" : ""}>
            <span className="tick" aria-hidden>
              {done ? <Check /> : index + 1}
            </span>
            <div className="stack tight">
              <span className="strong">
                {name}
                {done ? <span className="hidden"> (done)</span> : null}
              </span>
              {index === next ? how : null}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
