import type { ReactNode } from "react";
import { LinkTabs } from "../../kit/tabs.js";
import { Page } from "../../kit/page.js";

/** What both kinds of deliveries have in common: to people, and to webhooks. */
export function DeliveriesFrame({ actions, children }: { actions?: ReactNode; children: ReactNode }) {
  return (
    <Page
      full
      title="Deliveries"
      actions={actions}
      tabs={
        <LinkTabs
          label="Kinds of deliveries"
          tabs={[
            { to: "/deliveries", label: "People", activeOptions: { exact: true, includeSearch: false } },
            {
              to: "/deliveries/webhooks",
              label: "Webhooks",
              activeOptions: { exact: true, includeSearch: false },
            },
          ]}
        />
      }
    >
      {children}
    </Page>
  );
}
