-- Facts about this database itself: its epoch, marks of passes.
CREATE TABLE meta (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE environments (
  number BIGINT PRIMARY KEY,
  id TEXT COLLATE "C" NOT NULL UNIQUE,
  name TEXT COLLATE "C" NOT NULL UNIQUE,
  settings TEXT COLLATE "C" NOT NULL,
  token_secret BYTEA NOT NULL,
  previous_token_secret BYTEA,
  created_at BIGINT NOT NULL
);

-- Every change of configuration bumps the version of its part, in its own transaction.
CREATE TABLE versions (
  environment BIGINT NOT NULL,
  part TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (environment, part)
);

CREATE TABLE keys (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  environment BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('secret', 'application', 'public')),
  app TEXT COLLATE "C",
  hash BYTEA NOT NULL UNIQUE,
  hint TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  CHECK ((kind = 'application') = (app IS NOT NULL))
);
CREATE INDEX keys_list ON keys (environment, app, id);

CREATE TABLE token_keys (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  environment BIGINT NOT NULL,
  algorithm TEXT COLLATE "C" NOT NULL,
  public_key TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C",
  created_at BIGINT NOT NULL
);

CREATE TABLE apps (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  environment BIGINT NOT NULL,
  uid TEXT COLLATE "C",
  tenant TEXT COLLATE "C",
  name TEXT COLLATE "C" NOT NULL,
  metadata TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE UNIQUE INDEX apps_uid ON apps (environment, uid) WHERE uid IS NOT NULL AND deleted_at IS NULL;
CREATE UNIQUE INDEX apps_tenant ON apps (environment, tenant) WHERE tenant IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX apps_list ON apps (environment, id) WHERE deleted_at IS NULL;

CREATE TABLE users (
  environment BIGINT NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C",
  email TEXT COLLATE "C",
  phone TEXT COLLATE "C",
  locale TEXT COLLATE "C",
  time_zone TEXT COLLATE "C",
  active BIGINT NOT NULL DEFAULT 1,
  metadata TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (environment, id)
);

CREATE TABLE tenants (
  environment BIGINT NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C",
  metadata TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (environment, id)
);

CREATE TABLE members (
  environment BIGINT NOT NULL,
  tenant TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL CHECK (role IN ('member', 'admin', 'owner')),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (environment, tenant, user_id)
);
CREATE INDEX members_user ON members (environment, user_id);

CREATE TABLE installations (
  environment BIGINT NOT NULL,
  app TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (environment, app, user_id)
);
CREATE INDEX installations_user ON installations (environment, user_id);

CREATE TABLE subscribers (
  environment BIGINT NOT NULL,
  topic TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (environment, topic, user_id)
);

CREATE TABLE event_types (
  environment BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  category TEXT COLLATE "C" NOT NULL,
  description TEXT COLLATE "C" NOT NULL DEFAULT '',
  data_schema TEXT COLLATE "C",
  version TEXT COLLATE "C" NOT NULL,
  visibility TEXT COLLATE "C" NOT NULL,
  public_name TEXT COLLATE "C",
  public_fields TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (environment, name)
);

CREATE TABLE endpoints (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  environment BIGINT NOT NULL,
  app TEXT COLLATE "C" NOT NULL,
  url TEXT COLLATE "C" NOT NULL,
  description TEXT COLLATE "C" NOT NULL DEFAULT '',
  event_types TEXT COLLATE "C",
  secrets BYTEA NOT NULL,
  retry_policy TEXT COLLATE "C" NOT NULL,
  rate_limit BIGINT,
  status TEXT COLLATE "C" NOT NULL CHECK (status IN ('active', 'paused', 'disabled')),
  disabled_reason TEXT COLLATE "C",
  disabled_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX endpoints_app ON endpoints (environment, app, id);

-- Apart from the endpoint, so that a failure does not touch configuration.
CREATE TABLE endpoint_health (
  endpoint TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  environment BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  first_failure_at BIGINT,
  last_failure_at BIGINT
);

-- The position is the writing transaction; it is read only below the oldest one still running.
CREATE TABLE events (
  position BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  environment BIGINT NOT NULL,
  app TEXT COLLATE "C" NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  category TEXT COLLATE "C",
  entity_type TEXT COLLATE "C",
  entity_id TEXT COLLATE "C",
  tenant TEXT COLLATE "C",
  users TEXT COLLATE "C",
  data TEXT COLLATE "C" NOT NULL,
  public_type TEXT COLLATE "C",
  version TEXT COLLATE "C" NOT NULL,
  public_data TEXT COLLATE "C",
  visibility TEXT COLLATE "C" NOT NULL,
  external_id TEXT COLLATE "C",
  occurred_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX events_app ON events (environment, app, id);
CREATE INDEX events_position ON events (position, id);
CREATE INDEX events_tenant ON events (environment, tenant, id) WHERE tenant IS NOT NULL;
CREATE INDEX events_entity ON events (environment, entity_type, entity_id, id) WHERE entity_id IS NOT NULL;

CREATE TABLE event_users (
  environment BIGINT NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  event TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (environment, user_id, event)
);

CREATE TABLE claims (
  environment BIGINT NOT NULL,
  scope TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  hash BYTEA NOT NULL,
  answer TEXT COLLATE "C" NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (environment, scope, key)
);
CREATE INDEX claims_expiry ON claims (expires_at);

CREATE TABLE deliveries (
  destination TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  environment BIGINT NOT NULL,
  app TEXT COLLATE "C" NOT NULL,
  event TEXT COLLATE "C" NOT NULL,
  cause SMALLINT NOT NULL,
  state SMALLINT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 0,
  spent_before BIGINT NOT NULL DEFAULT 0,
  due_at BIGINT,
  owner BIGINT,
  fence BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  first_attempt_at BIGINT,
  last_attempt_at BIGINT,
  finished_at BIGINT,
  duration_ms BIGINT,
  status_code BIGINT,
  response TEXT COLLATE "C",
  error TEXT COLLATE "C",
  PRIMARY KEY (destination, id)
);
CREATE INDEX deliveries_open ON deliveries (destination, due_at) WHERE finished_at IS NULL;
-- What was not delivered because it was published: tests, and what was missed and asked for.
CREATE INDEX deliveries_asked ON deliveries (destination, event) WHERE cause <> 0;

CREATE TABLE attempts (
  delivery TEXT COLLATE "C" NOT NULL,
  number BIGINT NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  environment BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  duration_ms BIGINT NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL,
  status_code BIGINT,
  response TEXT COLLATE "C",
  error TEXT COLLATE "C",
  PRIMARY KEY (delivery, number, id)
);

CREATE TABLE notifications (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  environment BIGINT NOT NULL,
  app TEXT COLLATE "C" NOT NULL,
  tenant TEXT COLLATE "C",
  event TEXT COLLATE "C",
  event_id TEXT COLLATE "C",
  title TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C",
  link TEXT COLLATE "C",
  actions TEXT COLLATE "C",
  priority SMALLINT NOT NULL,
  metadata TEXT COLLATE "C",
  external_id TEXT COLLATE "C",
  expires_at BIGINT,
  created_at BIGINT NOT NULL
);

-- A state is the in-app delivery: one user's relation to one notification.
CREATE TABLE states (
  environment BIGINT NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  notification TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  app TEXT COLLATE "C" NOT NULL,
  tenant TEXT COLLATE "C",
  priority SMALLINT NOT NULL,
  seq BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT,
  read_at BIGINT,
  clicked_at BIGINT,
  dismissed_at BIGINT,
  expires_at BIGINT,
  expired_at BIGINT,
  deleted_at BIGINT,
  PRIMARY KEY (environment, user_id, notification)
);
CREATE UNIQUE INDEX states_seq ON states (environment, user_id, seq);
-- Everybody who has a notification: it is pruned out of all their feeds.
CREATE INDEX states_notification ON states (environment, notification);
CREATE INDEX states_expiry ON states (expires_at)
  WHERE expires_at IS NOT NULL AND expired_at IS NULL AND clicked_at IS NULL AND dismissed_at IS NULL AND deleted_at IS NULL;

CREATE TABLE feeds (
  environment BIGINT NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  floor BIGINT NOT NULL DEFAULT 0,
  unread BIGINT NOT NULL,
  unseen BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (environment, user_id)
);

CREATE TABLE counters (
  environment BIGINT NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  app TEXT COLLATE "C" NOT NULL,
  tenant TEXT COLLATE "C" NOT NULL,
  unread BIGINT NOT NULL,
  unseen BIGINT NOT NULL,
  read_seq BIGINT NOT NULL DEFAULT 0,
  read_at BIGINT NOT NULL DEFAULT 0,
  seen_seq BIGINT NOT NULL DEFAULT 0,
  seen_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (environment, user_id, app, tenant)
);

-- "Mark all" as the live line tells it: one change each.
CREATE TABLE marks (
  environment BIGINT NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  mark TEXT COLLATE "C" NOT NULL,
  app TEXT COLLATE "C",
  tenant TEXT COLLATE "C",
  at BIGINT NOT NULL,
  settled BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (environment, user_id, seq)
);

CREATE TABLE timers (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  environment BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  due_at BIGINT NOT NULL,
  owner BIGINT,
  fence BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL
);
CREATE INDEX timers_due ON timers (due_at);

CREATE TABLE audit (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  environment BIGINT NOT NULL,
  at BIGINT NOT NULL,
  actor_kind TEXT COLLATE "C" NOT NULL,
  actor TEXT COLLATE "C",
  action TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  detail TEXT COLLATE "C",
  origin TEXT COLLATE "C"
);

-- Processes that hold leases. One whose time is over holds none.
CREATE TABLE nodes (
  owner BIGINT NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  started_at BIGINT NOT NULL,
  until BIGINT NOT NULL
);

-- Nodes with open sockets look here for feeds that changed.
CREATE INDEX feeds_changed ON feeds (changed_at);

-- Updates stay on their page: what changes often is in no index but the one it must leave.
ALTER TABLE deliveries SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
ALTER TABLE feeds SET (fillfactor = 70);
ALTER TABLE counters SET (fillfactor = 70);

-- The second line of isolation. A session without an environment sees nothing; '*' is for the engine's passes
-- that look at every environment (claim, prune, rescue).
CREATE FUNCTION campanile_environments() RETURNS BIGINT[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT string_to_array(nullif(nullif(current_setting('campanile.environments', true), ''), '*'), ',')::bigint[]
$$;
CREATE FUNCTION campanile_everywhere() RETURNS BOOLEAN LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(current_setting('campanile.environments', true), '') = '*'
$$;

-- Each function in a query of its own: asked once a statement, not once a row.
DO $$
DECLARE name TEXT;
BEGIN
  FOREACH name IN ARRAY ARRAY['versions','keys','token_keys','apps','users','tenants','members','installations','subscribers',
    'event_types','endpoints','endpoint_health','events','event_users','claims','deliveries','attempts','notifications','states',
    'feeds','counters','marks','timers','audit']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY environment ON %I USING ((SELECT campanile_everywhere())
      OR environment = ANY ((SELECT campanile_environments())::bigint[]))', name);
  END LOOP;
END $$;
