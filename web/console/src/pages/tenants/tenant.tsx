import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useRead } from "../../api/queries.js";
import { Code, Id } from "../../kit/code.js";
import { Facts, Page } from "../../kit/page.js";
import { Loaded } from "../../kit/state.js";
import { Tabs } from "../../kit/tabs.js";
import { Ago } from "../../kit/time.js";
import { PortalButton } from "../../show/portal.js";
import { Webhooks } from "../applications/webhooks.js";
import { Configs } from "./configs.js";
import { Members } from "./members.js";

type Tab = "members" | "channels" | "webhooks" | "preferences" | "about";

export function TenantPage() {
  const { tenant } = useParams({ from: "/shell/tenants/$tenant" });
  const { tab = "members" } = useSearch({ from: "/shell/tenants/$tenant" });
  const navigate = useNavigate();
  const query = useRead("/api/v1/tenants/{tenant}", { path: { tenant } });
  return (
    <Page
      title={query.data?.name ?? tenant}
      up={{ to: "/tenants", label: "Tenants" }}
      beside={<Id id={tenant} copy />}
      actions={<PortalButton of={{ tenant }} />}
    >
      <Loaded query={query}>
        {(found) => (
          <div>
            <Tabs<Tab>
              label="About the tenant"
              value={tab as Tab}
              onChange={(value) =>
                void navigate({
                  to: "/tenants/$tenant",
                  params: { tenant },
                  search: { tab: value },
                  replace: true,
                })
              }
              tabs={[
                { value: "members", label: "Members", content: <Members tenant={tenant} /> },
                { value: "channels", label: "Channels", content: <Configs tenant={tenant} /> },
                { value: "webhooks", label: "Webhooks", content: <OwnWebhooks tenant={tenant} /> },
                { value: "preferences", label: "Preferences", content: <Defaults tenant={tenant} /> },
                {
                  value: "about",
                  label: "About",
                  content: (
                    <div className="stack">
                      <Facts
                        facts={[
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

function OwnWebhooks({ tenant }: { tenant: string }) {
  const app = useRead("/api/v1/tenants/{tenant}/application", { path: { tenant } });
  if (app.error?.status === 404)
    return (
      <p className="muted">
        The tenant has no webhooks yet. Its application is made with the first one, in the portal.
      </p>
    );
  return <Loaded query={app}>{({ id }) => <Webhooks app={id} />}</Loaded>;
}

function Defaults({ tenant }: { tenant: string }) {
  const document = useRead("/api/v1/tenants/{tenant}/preferences", { path: { tenant } });
  return (
    <div className="stack">
      <p className="muted">
        The tenant’s defaults. What its members say themselves goes before them, unless a setting is required.
      </p>
      <Loaded query={document}>{(found) => <Code value={found ?? {}} label="Preferences" />}</Loaded>
    </div>
  );
}
