import { Link } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { Problem, call, type Schemas } from "../../api/client.js";
import { Tag } from "../../kit/badge.js";
import { Loaded } from "../../kit/state.js";
import { Table } from "../../kit/table.js";
import { Ago } from "../../kit/time.js";
import { title } from "../../words/state.js";

type Membership = Schemas["MemberView"] & { tenant: string };
interface Found {
  memberships: Membership[];
  /** How many tenants were looked at, and whether those were all. */
  looked: number;
  all: boolean;
}

const AT_ONCE = 6;
const MOST_TENANTS = 100;
const MOST_PAGES = 10;

/** The API lists members by tenant; so the tenants are gone through, a few at a time. */
async function membershipsOf(user: string): Promise<Found> {
  const tenants = await call("get", "/api/v1/tenants", { query: { limit: MOST_TENANTS } });
  const queue = tenants.data.map(({ id }) => id);
  const memberships: Membership[] = [];
  const look = async () => {
    for (let tenant = queue.shift(); tenant; tenant = queue.shift()) {
      let cursor: string | undefined;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const members = await call("get", "/api/v1/tenants/{tenant}/members", {
          path: { tenant },
          query: { limit: 100, cursor },
        });
        const own = members.data.find(({ user_id }) => user_id === user);
        if (own) memberships.push({ ...own, tenant });
        cursor = members.next_cursor ?? undefined;
        if (own || !cursor) break;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, look));
  memberships.sort((a, b) => a.tenant.localeCompare(b.tenant));
  return { memberships, looked: tenants.data.length, all: !tenants.next_cursor };
}

export function Memberships({ user }: { user: string }) {
  const query = useQuery<Found, Problem>({
    queryKey: ["memberships", user],
    queryFn: () => membershipsOf(user),
    staleTime: 60_000,
  });
  return (
    <Loaded query={query}>
      {({ memberships, looked, all }) => (
        <div className="stack tight">
          {memberships.length === 0 ? (
            <p className="muted">A member of no tenant{all ? "" : ` among the first ${looked}`}.</p>
          ) : (
            <Table
              label="Memberships"
              rows={memberships}
              id={({ tenant }) => tenant}
              columns={[
                {
                  name: "Tenant",
                  main: true,
                  cell: ({ tenant }) => (
                    <Link to="/tenants/$tenant" params={{ tenant }}>
                      {tenant}
                    </Link>
                  ),
                },
                { name: "Role", cell: ({ role }) => <Tag>{title(role)}</Tag> },
                { name: "Since", end: true, cell: ({ created_at }) => <Ago at={created_at} /> },
              ]}
            />
          )}
          {all ? null : <p className="muted small">Only the first {looked} tenants were looked at.</p>}
        </div>
      )}
    </Loaded>
  );
}
