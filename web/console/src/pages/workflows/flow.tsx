import { useState } from "react";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import Pencil from "lucide-react/icons/pencil";
import Trash2 from "lucide-react/icons/trash-2";
import { useChange, useRead } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Badge, Tag } from "../../kit/badge.js";
import { IconButton, LinkButton } from "../../kit/button.js";
import { FormDialog } from "../../kit/dialog.js";
import { Facts } from "../../kit/page.js";
import { Loaded } from "../../kit/state.js";
import { Ago } from "../../kit/time.js";
import { say } from "../../kit/toast.js";
import { Drawing } from "./drawing.js";
import { WorkflowFrame } from "./frame.js";
import type { Spec } from "./spec.js";

export function WorkflowPage() {
  const { workflow } = useParams({ from: "/shell/workflows/$workflow" });
  const query = useRead("/api/v1/workflows/{workflow}", { path: { workflow } });
  const refusal = useRefusal();
  const [deleting, setDeleting] = useState(false);
  const spec = query.data?.spec as Spec | undefined;
  return (
    <WorkflowFrame
      workflow={workflow}
      title={spec?.name || workflow}
      beside={
        spec ? (
          <>
            <Badge tone={spec.active === false ? "quiet" : "good"}>
              {spec.active === false ? "Off" : "Active"}
            </Badge>
            {spec.critical ? <Badge tone="wait">Critical</Badge> : null}
          </>
        ) : null
      }
      actions={
        <>
          <IconButton label="Delete the workflow" refusal={refusal} onClick={() => setDeleting(true)}>
            <Trash2 aria-hidden />
          </IconButton>
          <LinkButton
            to="/workflows/$workflow/edit"
            params={{ workflow }}
            search={{}}
            look="primary"
            icon={<Pencil aria-hidden />}
          >
            Edit
          </LinkButton>
        </>
      }
    >
      <Loaded query={query}>
        {(found) => (
          <>
            {spec?.description ? <p className="muted">{spec.description}</p> : null}
            <Drawing spec={found.spec as Spec} />
            <Facts
              facts={[
                ["Key", <code>{found.key}</code>],
                [
                  "Version",
                  <>
                    <span className="number">{found.version}</span>, <Ago at={found.updated_at} />
                  </>,
                ],
                spec?.categories?.length
                  ? [
                      "Categories",
                      <span className="row wrap">
                        {spec.categories.map((one) => (
                          <Tag key={one}>{one}</Tag>
                        ))}
                      </span>,
                    ]
                  : null,
                [
                  "Sent by it",
                  <Link className="link" to="/deliveries" search={{ workflow }}>
                    Deliveries of this workflow
                  </Link>,
                ],
              ]}
            />
          </>
        )}
      </Loaded>
      {deleting ? <DeleteDialog workflow={workflow} onClose={() => setDeleting(false)} /> : null}
    </WorkflowFrame>
  );
}

function DeleteDialog({ workflow, onClose }: { workflow: string; onClose: () => void }) {
  const remove = useChange("delete", "/api/v1/workflows/{workflow}", ["/api/v1/workflows"]);
  const navigate = useNavigate();
  return (
    <FormDialog
      title={`Delete ${workflow}?`}
      action="Delete the workflow"
      danger
      busy={remove.isPending}
      problem={remove.error}
      onClose={onClose}
      onSubmit={() =>
        remove.mutate(
          { path: { workflow } },
          {
            onSuccess: () => {
              say(`${workflow} is deleted.`);
              void navigate({ to: "/workflows" });
            },
          },
        )
      }
    >
      <p>Events start it no more. Runs that began go on with the version they began with.</p>
    </FormDialog>
  );
}
