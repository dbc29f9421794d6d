import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useRead } from "../../api/queries.js";
import { Badge } from "../../kit/badge.js";
import { Id } from "../../kit/code.js";
import { Facts, Page } from "../../kit/page.js";
import { Loaded } from "../../kit/state.js";
import { Tabs } from "../../kit/tabs.js";
import { Ago } from "../../kit/time.js";
import { Code } from "../../kit/code.js";
import { Feed } from "./feed.js";
import { Got } from "./got.js";
import { Memberships } from "./memberships.js";
import { UserPreferences } from "./preferences.js";

type Tab = "feed" | "got" | "preferences" | "memberships" | "about";

export function UserPage() {
  const { user } = useParams({ from: "/shell/users/$user" });
  const { tab = "feed" } = useSearch({ from: "/shell/users/$user" });
  const navigate = useNavigate();
  const query = useRead("/api/v1/users/{user}", { path: { user } });
  return (
    <Page
      title={query.data?.name ?? user}
      up={{ to: "/users", label: "Users" }}
      beside={
        <>
          <Id id={user} copy />
          {query.data ? (
            <Badge tone={query.data.active ? "good" : "quiet"}>
              {query.data.active ? "Active" : "Inactive"}
            </Badge>
          ) : null}
        </>
      }
    >
      <Loaded query={query}>
        {(found) => (
          <div>
            <Tabs<Tab>
              label="About the user"
              value={tab as Tab}
              onChange={(value) =>
                void navigate({ to: "/users/$user", params: { user }, search: { tab: value }, replace: true })
              }
              tabs={[
                { value: "feed", label: "Feed", content: <Feed user={user} /> },
                { value: "got", label: "What they got", content: <Got user={user} /> },
                { value: "preferences", label: "Preferences", content: <UserPreferences user={user} /> },
                { value: "memberships", label: "Memberships", content: <Memberships user={user} /> },
                {
                  value: "about",
                  label: "About",
                  content: (
                    <div className="stack">
                      <Facts
                        facts={[
                          ["Email", found.email],
                          ["Phone", found.phone],
                          ["Language", found.locale],
                          ["Time zone", found.time_zone],
                          ["Known since", <Ago at={found.created_at} />],
                          ["Changed", <Ago at={found.updated_at} />],
                        ]}
                      />
                      {found.metadata ? <Code value={found.metadata} label="Metadata" /> : null}
                    </div>
                  ),
                },
              ]}
            />
          </div>
        )}
      </Loaded>
    </Page>
  );
}
