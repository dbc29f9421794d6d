import { useEffect, useRef, useState, type FormEvent } from "react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import KeyRound from "lucide-react/icons/key-round";
import MailCheck from "lucide-react/icons/mail-check";
import { call, type Problem } from "../api/client.js";
import { enter, sessionQuery } from "../api/session.js";
import { Button } from "../kit/button.js";
import { Command } from "../kit/code.js";
import { ProblemLine } from "../kit/dialog.js";
import { Field, Input } from "../kit/field.js";

/** Takes the code out of the address at once, so that it is neither kept in the history nor shown. */
function takeCode(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code) history.replaceState(history.state, "", location.pathname + location.search);
  return code;
}

export function Login() {
  const { next } = useSearch({ from: "/login" });
  const navigate = useNavigate();
  const [stage, setStage] = useState<"ask" | "code" | "sent">("ask");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [email, setEmail] = useState("");
  const [busy, setBusy] = useState(false);
  const started = useRef(false);
  const session = useQuery({ ...sessionQuery, retry: false, refetchOnMount: "always" });
  const leave = () => void navigate({ to: next && /^\/(?![/\\])/.test(next) ? next : "/", replace: true });

  useEffect(() => {
    document.title = "Sign in · Campanile";
    // Strict mode runs effects twice; a code can be used once.
    if (started.current) return;
    started.current = true;
    const code = takeCode();
    if (!code) return;
    setStage("code");
    call("post", "/api/v1/session/code", { body: { code } }).then(
      (answer) => {
        enter(answer);
        leave();
      },
      (refused: Problem) => {
        setProblem(refused);
        setStage("ask");
      },
    );
  });
  useEffect(() => {
    // Known from before is not enough: it may have ended.
    if (session.isFetchedAfterMount && session.isSuccess && stage === "ask") leave();
  }, [session.isFetchedAfterMount, session.isSuccess, stage]);

  const send = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    call("post", "/api/v1/session/mail", { body: { email } })
      .then(() => setStage("sent"), setProblem)
      .finally(() => setBusy(false));
  };
  const oidc = session.error?.extra["oidc"] === true;
  return (
    <main className="login">
      <div className="login-box">
        <img src="/favicon.svg" alt="" width="40" height="40" />
        {stage === "code" ? (
          <>
            <h1>Signing in</h1>
            <p className="muted" role="status">
              The link is being checked.
            </p>
          </>
        ) : stage === "sent" ? (
          <>
            <h1>Look into your mail</h1>
            <p className="muted" role="status">
              <MailCheck aria-hidden /> If <strong>{email}</strong> belongs to somebody here, a link is on its
              way. It works once, for a few minutes.
            </p>
            <Button onClick={() => setStage("ask")}>Use another address</Button>
          </>
        ) : (
          <>
            <h1>Sign in to Campanile</h1>
            {problem ? <ProblemLine problem={problem} /> : null}
            <form className="stack" onSubmit={send}>
              <Field label="Email">
                <Input
                  type="email"
                  name="email"
                  required
                  autoFocus
                  autoComplete="email"
                  value={email}
                  onChange={(event) => setEmail(event.target.value)}
                />
              </Field>
              <Button look="primary" type="submit" busy={busy}>
                Send me a link
              </Button>
            </form>
            {oidc ? (
              <a className="button secondary" href="/api/v1/session/oidc">
                <KeyRound aria-hidden />
                Single sign-on
              </a>
            ) : null}
            <details className="login-more">
              <summary>No mail is set up yet?</summary>
              <p className="muted small">Whoever runs the server gets a link in its terminal:</p>
              <Command text="campanile login" />
            </details>
          </>
        )}
      </div>
    </main>
  );
}
