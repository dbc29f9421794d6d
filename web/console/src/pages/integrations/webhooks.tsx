import { useState } from "react";
import { useRead } from "../../api/queries.js";
import { LinkButton } from "../../kit/button.js";
import { Field, Select } from "../../kit/field.js";
import { Page } from "../../kit/page.js";
import { Empty, Loaded } from "../../kit/state.js";
import { Webhooks } from "../applications/webhooks.js";

/** The webhooks of one application after the other; where there is one application, its own. */
export function WebhooksIntegration() {
  const apps = useRead("/api/v1/apps", { query: { limit: 100 } });
  const [chosen, setChosen] = useState("");
  return (
    <Page
      title="Webhooks"
      up={{ to: "/settings/integrations", label: "Integrations" }}
      about="An application’s webhooks get the events they subscribed to, signed, with retries."
    >
      <Loaded query={apps}>
        {({ data }) => {
          const app = data.find(({ id }) => id === chosen) ?? data[0];
          if (!app)
            return (
              <Empty
                title="No application yet"
                action={<LinkButton to="/applications">Make an application</LinkButton>}
              />
            );
          return (
            <>
              {data.length > 1 ? (
                <div className="filters">
                  <Field label="Application" quiet>
                    <Select value={app.id} onChange={(event) => setChosen(event.target.value)}>
                      {data.map(({ id, name }) => (
                        <option key={id} value={id}>
                          {name}
                        </option>
                      ))}
                    </Select>
                  </Field>
                </div>
              ) : null}
              <Webhooks key={app.id} app={app.id} />
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}
