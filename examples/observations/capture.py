#!/usr/bin/env python3
"""A16: publishes one captured observation, as the scorer would, and prints the event's id.

    capture.py [ORGANISATION WORKSPACE]        org_test_notification and workspace_test_notification when left out

CAMPANILE_URL and CAMPANILE_KEY say where and as whom.
"""

import os
import pathlib
import sys
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))

from client import Api  # noqa: E402

CAPTURED = "apps-console/neural/observation.captured"
# F01: the feed's key is the uid of the application whose notifications it shows.
FEED = "lightfast-console-notifications"


def captured(organisation, workspace, score=85, **more):
    """E02, E13: what the scorer says of an observation."""
    return {
        "type": CAPTURED,
        "data": {
            "observationId": f"obs_{uuid.uuid4().hex[:12]}",
            "observationType": "deployment",
            "significanceScore": score,
            "topics": ["build", "infra"],
            "clusterId": "cluster_7",
            "clusterIsNew": False,
            "entitiesExtracted": 3,
            "sourceId": "src_1",
            "workspaceId": workspace,
            "clerkOrgId": organisation,
            **more,
        },
    }


def main():
    named = sys.argv[1:3] if len(sys.argv) == 3 else ["org_test_notification", "workspace_test_notification"]
    organisation, workspace = named
    api = Api(os.environ["CAMPANILE_URL"], os.environ["CAMPANILE_KEY"])
    print(api.post(f"/apps/{FEED}/events", captured(organisation, workspace))["event_id"])


if __name__ == "__main__":
    main()
