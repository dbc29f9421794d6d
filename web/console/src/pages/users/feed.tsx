import { Link } from "@tanstack/react-router";
import Bell from "lucide-react/icons/bell";
import { useRows } from "../../api/queries.js";
import { Tag } from "../../kit/badge.js";
import { Button } from "../../kit/button.js";
import { Empty, Failed, Skeleton } from "../../kit/state.js";
import { Ago } from "../../kit/time.js";
import { curlCommand } from "../../words/commands.js";
import { FeedBadge } from "../../words/state.js";
import "../workflows/edit.css";

/** What stands under the user's bell now. */
export function Feed({ user }: { user: string }) {
  const { rows, query, more } = useRows(
    "/api/v1/users/{user}/notifications",
    { path: { user } },
    { size: 30 },
  );
  if (rows.length === 0) {
    if (query.error) return <Failed problem={query.error} retry={() => void query.refetch()} />;
    if (query.isPending) return <Skeleton tall />;
    return (
      <Empty
        icon={<Bell aria-hidden />}
        title="The feed is empty"
        command={curlCommand("POST", "/apps/APPLICATION/notifications", { title: "Hello", users: [user] })}
      >
        <p>A workflow’s in-app step, or an application, brings notifications here.</p>
      </Empty>
    );
  }
  return (
    <div className="stack tight">
      {rows.map((item) => (
        <article key={item.id} className="notice" aria-label={item.title}>
          <Bell aria-hidden />
          <div className="stack tight">
            <div className="row wrap">
              <span className="strong">{item.title}</span>
              <FeedBadge status={item.status} />
              {item.priority === "normal" ? null : <Tag>{item.priority}</Tag>}
              <span className="muted small push">
                <Ago at={item.created_at} />
              </span>
            </div>
            {item.body ? <p className="muted">{item.body}</p> : null}
            <p className="row wrap small muted">
              {item.tenant ? <Tag>{item.tenant}</Tag> : null}
              <span>by {item.app.name}</span>
              {item.event_id ? (
                <Link
                  className="link"
                  to="/events/$event"
                  params={{ event: item.event_id }}
                  search={{ user }}
                >
                  Why
                </Link>
              ) : null}
            </p>
          </div>
        </article>
      ))}
      {query.hasNextPage ? (
        <div>
          <Button busy={query.isFetchingNextPage} onClick={more}>
            Show more
          </Button>
        </div>
      ) : null}
    </div>
  );
}
