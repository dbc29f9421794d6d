-- Facts about this database itself: its epoch, marks of passes.
CREATE TABLE meta (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE environments (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  settings TEXT NOT NULL,
  token_secret BLOB NOT NULL,
  previous_token_secret BLOB,
  created_at INTEGER NOT NULL
) STRICT;

-- Every change of configuration bumps the version of its part, in its own transaction.
CREATE TABLE versions (
  environment INTEGER NOT NULL,
  part TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (environment, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
  id TEXT NOT NULL PRIMARY KEY,
  environment INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('secret', 'application', 'public')),
  app TEXT,
  hash BLOB NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  name TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  CHECK ((kind = 'application') = (app IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_list ON keys (environment, app, id);

CREATE TABLE token_keys (
  id TEXT NOT NULL PRIMARY KEY,
  environment INTEGER NOT NULL,
  algorithm TEXT NOT NULL,
  public_key TEXT NOT NULL,
  name TEXT,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE apps (
  id TEXT NOT NULL PRIMARY KEY,
  environment INTEGER NOT NULL,
  uid TEXT,
  tenant TEXT,
  name TEXT NOT NULL,
  metadata TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX apps_uid ON apps (environment, uid) WHERE uid IS NOT NULL AND deleted_at IS NULL;
CREATE UNIQUE INDEX apps_tenant ON apps (environment, tenant) WHERE tenant IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX apps_list ON apps (environment, id) WHERE deleted_at IS NULL;

CREATE TABLE users (
  environment INTEGER NOT NULL,
  id TEXT NOT NULL,
  name TEXT,
  email TEXT,
  phone TEXT,
  locale TEXT,
  time_zone TEXT,
  active INTEGER NOT NULL DEFAULT 1,
  metadata TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (environment, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
  environment INTEGER NOT NULL,
  id TEXT NOT NULL,
  name TEXT,
  metadata TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (environment, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
  environment INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  user_id TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('member', 'admin', 'owner')),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (environment, tenant, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_user ON members (environment, user_id);

CREATE TABLE installations (
  environment INTEGER NOT NULL,
  app TEXT NOT NULL,
  user_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (environment, app, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX installations_user ON installations (environment, user_id);

CREATE TABLE subscribers (
  environment INTEGER NOT NULL,
  topic TEXT NOT NULL,
  user_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (environment, topic, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_types (
  environment INTEGER NOT NULL,
  name TEXT NOT NULL,
  category TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  data_schema TEXT,
  version TEXT NOT NULL,
  visibility TEXT NOT NULL,
  public_name TEXT,
  public_fields TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (environment, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE endpoints (
  id TEXT NOT NULL PRIMARY KEY,
  environment INTEGER NOT NULL,
  app TEXT NOT NULL,
  url TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  event_types TEXT,
  secrets BLOB NOT NULL,
  retry_policy TEXT NOT NULL,
  rate_limit INTEGER,
  status TEXT NOT NULL CHECK (status IN ('active', 'paused', 'disabled')),
  disabled_reason TEXT,
  disabled_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX endpoints_app ON endpoints (environment, app, id);

-- Apart from the endpoint, so that a failure does not touch configuration.
CREATE TABLE endpoint_health (
  endpoint TEXT NOT NULL PRIMARY KEY,
  environment INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  first_failure_at INTEGER,
  last_failure_at INTEGER
) STRICT, WITHOUT ROWID;

-- The position is the order of commits: the writer counts.
CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  environment INTEGER NOT NULL,
  app TEXT NOT NULL,
  type TEXT NOT NULL,
  category TEXT,
  entity_type TEXT,
  entity_id TEXT,
  tenant TEXT,
  users TEXT,
  data TEXT NOT NULL,
  public_type TEXT,
  version TEXT NOT NULL,
  public_data TEXT,
  visibility TEXT NOT NULL,
  external_id TEXT,
  occurred_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX events_app ON events (environment, app, id);
CREATE INDEX events_tenant ON events (environment, tenant, id) WHERE tenant IS NOT NULL;
CREATE INDEX events_entity ON events (environment, entity_type, entity_id, id) WHERE entity_id IS NOT NULL;

CREATE TABLE event_users (
  environment INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (environment, user_id, event)
) STRICT, WITHOUT ROWID;

CREATE TABLE claims (
  environment INTEGER NOT NULL,
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  hash BLOB NOT NULL,
  answer TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (environment, scope, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX claims_expiry ON claims (expires_at);

CREATE TABLE deliveries (
  destination TEXT NOT NULL,
  id TEXT NOT NULL,
  environment INTEGER NOT NULL,
  app TEXT NOT NULL,
  event TEXT NOT NULL,
  cause INTEGER NOT NULL,
  state INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  spent_before INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER,
  owner INTEGER,
  fence INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  first_attempt_at INTEGER,
  last_attempt_at INTEGER,
  finished_at INTEGER,
  duration_ms INTEGER,
  status_code INTEGER,
  response TEXT,
  error TEXT,
  PRIMARY KEY (destination, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_open ON deliveries (destination, due_at) WHERE finished_at IS NULL;
-- What was not delivered because it was published: tests, and what was missed and asked for.
CREATE INDEX deliveries_asked ON deliveries (destination, event) WHERE cause <> 0;

CREATE TABLE attempts (
  delivery TEXT NOT NULL,
  number INTEGER NOT NULL,
  id TEXT NOT NULL,
  environment INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  status_code INTEGER,
  response TEXT,
  error TEXT,
  PRIMARY KEY (delivery, number, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE notifications (
  id TEXT NOT NULL PRIMARY KEY,
  environment INTEGER NOT NULL,
  app TEXT NOT NULL,
  tenant TEXT,
  event TEXT,
  event_id TEXT,
  title TEXT NOT NULL,
  body TEXT,
  link TEXT,
  actions TEXT,
  priority INTEGER NOT NULL,
  metadata TEXT,
  external_id TEXT,
  expires_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A state is the in-app delivery: one user's relation to one notification.
CREATE TABLE states (
  environment INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  notification TEXT NOT NULL,
  id TEXT NOT NULL,
  app TEXT NOT NULL,
  tenant TEXT,
  priority INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at INTEGER,
  read_at INTEGER,
  clicked_at INTEGER,
  dismissed_at INTEGER,
  expires_at INTEGER,
  expired_at INTEGER,
  deleted_at INTEGER,
  PRIMARY KEY (environment, user_id, notification)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX states_seq ON states (environment, user_id, seq);
-- Everybody who has a notification: it is pruned out of all their feeds.
CREATE INDEX states_notification ON states (environment, notification);
CREATE INDEX states_expiry ON states (expires_at)
  WHERE expires_at IS NOT NULL AND expired_at IS NULL AND clicked_at IS NULL AND dismissed_at IS NULL AND deleted_at IS NULL;

CREATE TABLE feeds (
  environment INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  floor INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL,
  unseen INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (environment, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (
  environment INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  app TEXT NOT NULL,
  tenant TEXT NOT NULL,
  unread INTEGER NOT NULL,
  unseen INTEGER NOT NULL,
  read_seq INTEGER NOT NULL DEFAULT 0,
  read_at INTEGER NOT NULL DEFAULT 0,
  seen_seq INTEGER NOT NULL DEFAULT 0,
  seen_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (environment, user_id, app, tenant)
) STRICT, WITHOUT ROWID;

-- "Mark all" as the live line tells it: one change each.
CREATE TABLE marks (
  environment INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  mark TEXT NOT NULL,
  app TEXT,
  tenant TEXT,
  at INTEGER NOT NULL,
  settled INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (environment, user_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE timers (
  id TEXT NOT NULL PRIMARY KEY,
  environment INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  owner INTEGER,
  fence INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX timers_due ON timers (due_at);

CREATE TABLE audit (
  id TEXT NOT NULL PRIMARY KEY,
  environment INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor TEXT,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT,
  origin TEXT
) STRICT, WITHOUT ROWID;

-- Processes that hold leases. One whose time is over holds none.
CREATE TABLE nodes (
  owner INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  until INTEGER NOT NULL
) STRICT;
