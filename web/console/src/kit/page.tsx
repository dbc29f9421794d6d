import { useEffect, type ReactNode } from "react";
import { Link, type LinkProps } from "@tanstack/react-router";
import ChevronRight from "lucide-react/icons/chevron-right";

interface Props {
  title: string;
  /** Beside the title: a state, an id. */
  beside?: ReactNode;
  about?: ReactNode;
  actions?: ReactNode;
  up?: LinkProps & { label: string };
  tabs?: ReactNode;
  children: ReactNode;
  /** Fills the window's height; what is long scrolls inside. */
  full?: boolean;
}

/** The frame of every page: its title, what can be done, its content. */
export function Page({ title, beside, about, actions, up, tabs, children, full }: Props) {
  useEffect(() => {
    document.title = `${title} · Campanile`;
  }, [title]);
  const { label, ...link } = up ?? { label: "" };
  return (
    <div className={`page ${full ? "full" : ""}`}>
      <header className="page-head">
        <div className="page-title">
          {up ? (
            <nav aria-label="Where you are" className="crumbs">
              <Link {...(link as LinkProps)}>{label}</Link>
              <ChevronRight aria-hidden />
            </nav>
          ) : null}
          <h1 tabIndex={-1}>{title}</h1>
          {beside}
        </div>
        {actions ? <div className="page-actions row wrap">{actions}</div> : null}
        {about ? <p className="page-about muted">{about}</p> : null}
      </header>
      {tabs}
      <div className="page-body">{children}</div>
    </div>
  );
}

/** A part of a page with a heading of its own. */
export function Section({
  title,
  about,
  actions,
  children,
  card,
}: {
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  card?: boolean;
}) {
  return (
    <section className={`section ${card ? "card" : ""}`} aria-label={title}>
      <header className="section-head">
        <div>
          <h2>{title}</h2>
          {about ? <p className="muted small">{about}</p> : null}
        </div>
        {actions ? <div className="row wrap">{actions}</div> : null}
      </header>
      {children}
    </section>
  );
}

/** Words and what they are, in two columns. */
export function Facts({ facts }: { facts: Array<[string, ReactNode] | null | false | undefined> }) {
  return (
    <dl className="facts">
      {facts.map((fact) =>
        fact ? (
          <div key={fact[0]}>
            <dt>{fact[0]}</dt>
            <dd>{fact[1] ?? <span className="faint">–</span>}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}
