import { useNavigate, useSearch } from "@tanstack/react-router";
import { useRead } from "../../api/queries.js";
import { Id } from "../../kit/code.js";
import { Page } from "../../kit/page.js";
import { Loaded } from "../../kit/state.js";
import { Tabs } from "../../kit/tabs.js";
import { EnvironmentKeys } from "../../show/keys.js";
import { Defaults } from "./defaults.js";
import { Environment } from "./environment.js";
import { Tokens } from "./tokens.js";

type Tab = "environment" | "keys" | "tokens" | "preferences";

export function Settings() {
  const { tab = "environment" } = useSearch({ from: "/shell/settings" });
  const navigate = useNavigate();
  const query = useRead("/api/v1/environment", {});
  return (
    <Page
      title="Settings"
      beside={query.data ? <Id id={query.data.id} copy /> : null}
      about={query.data ? `Of the environment ${query.data.name}.` : undefined}
    >
      <div>
        <Tabs<Tab>
          label="Settings"
          value={tab as Tab}
          onChange={(value) => void navigate({ to: "/settings", search: { tab: value }, replace: true })}
          tabs={[
            {
              value: "environment",
              label: "Environment",
              content: <Loaded query={query}>{({ settings }) => <Environment settings={settings} />}</Loaded>,
            },
            { value: "keys", label: "Keys", content: <EnvironmentKeys /> },
            { value: "tokens", label: "User tokens", content: <Tokens /> },
            { value: "preferences", label: "Default preferences", content: <Defaults /> },
          ]}
        />
      </div>
    </Page>
  );
}
