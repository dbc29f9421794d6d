import type { ReactNode } from "react";
import { Page } from "../../kit/page.js";
import { LinkTabs } from "../../kit/tabs.js";

/** What the pages of one workflow have in common. */
export function WorkflowFrame({
  workflow,
  title,
  fresh,
  beside,
  actions,
  children,
}: {
  workflow: string;
  title: string;
  fresh?: boolean;
  beside?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const params = { workflow };
  const loose = { exact: true, includeSearch: false };
  return (
    <Page
      title={title}
      up={{ to: "/workflows", label: "Workflows" }}
      beside={beside}
      actions={actions}
      tabs={
        fresh ? null : (
          <LinkTabs
            label="Views of the workflow"
            tabs={[
              { to: "/workflows/$workflow", params, label: "Flow", activeOptions: loose },
              { to: "/workflows/$workflow/edit", params, label: "Edit and try", activeOptions: loose },
              { to: "/workflows/$workflow/versions", params, label: "Versions", activeOptions: loose },
            ]}
          />
        )
      }
    >
      {children}
    </Page>
  );
}
