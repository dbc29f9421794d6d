-- A workflow's head; what it says stands in its versions, which runs keep.
CREATE TABLE workflows (
  environment INTEGER NOT NULL,
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  deleted_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (environment, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE workflow_versions (
  environment INTEGER NOT NULL,
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  spec TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (environment, key, version)
) STRICT, WITHOUT ROWID;

-- The channels of an environment that somebody set up; what providers need in secret is encrypted.
CREATE TABLE channels (
  id TEXT NOT NULL PRIMARY KEY,
  environment INTEGER NOT NULL,
  channel TEXT NOT NULL,
  settings TEXT NOT NULL,
  secrets BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX channels_of ON channels (environment, channel);

CREATE TABLE runs (
  id TEXT NOT NULL PRIMARY KEY,
  environment INTEGER NOT NULL,
  workflow TEXT NOT NULL,
  version INTEGER NOT NULL,
  event TEXT NOT NULL,
  user_id TEXT NOT NULL,
  tenant TEXT,
  actor TEXT,
  part TEXT NOT NULL DEFAULT '',
  status INTEGER NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  batch TEXT,
  gathers TEXT,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  finished_at INTEGER
) STRICT, WITHOUT ROWID;
-- An event starts a workflow once for a recipient; a step that is held up goes on by itself.
CREATE UNIQUE INDEX runs_event ON runs (environment, event, workflow, user_id, part);
CREATE INDEX runs_batch ON runs (batch, id) WHERE batch IS NOT NULL;
CREATE INDEX runs_gathers ON runs (gathers) WHERE gathers IS NOT NULL;

-- What a delivery to a person carries.
CREATE TABLE messages (
  environment INTEGER NOT NULL,
  delivery TEXT NOT NULL,
  destination TEXT NOT NULL,
  channel INTEGER NOT NULL,
  run TEXT NOT NULL,
  workflow TEXT NOT NULL,
  step TEXT NOT NULL,
  user_id TEXT,
  tenant TEXT,
  recipient TEXT,
  config TEXT,
  content TEXT NOT NULL,
  provider TEXT,
  provider_id TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (environment, delivery)
) STRICT, WITHOUT ROWID;
-- Providers tell later what became of what they took.
CREATE INDEX messages_provider ON messages (environment, provider_id) WHERE provider_id IS NOT NULL;

-- Activities that are gathered: the runs that name the batch. While it is open, more of its group join.
CREATE TABLE batches (
  id TEXT NOT NULL PRIMARY KEY,
  environment INTEGER NOT NULL,
  grouped TEXT NOT NULL,
  timer TEXT NOT NULL,
  items INTEGER NOT NULL,
  opened_at INTEGER NOT NULL,
  closes_at INTEGER NOT NULL,
  is_open INTEGER NOT NULL,
  closed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX batches_open ON batches (environment, grouped) WHERE is_open = 1;

-- What throttles have counted.
CREATE TABLE tallies (
  environment INTEGER NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (environment, name)
) STRICT, WITHOUT ROWID;

-- What a tenant's admins chose for their own channels; where it leads is encrypted.
CREATE TABLE channel_configs (
  id TEXT NOT NULL PRIMARY KEY,
  environment INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  channel TEXT NOT NULL,
  settings BLOB NOT NULL,
  is_active INTEGER NOT NULL,
  events TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX channel_configs_of ON channel_configs (environment, tenant, created_at, id);

-- Who wants what: of the environment (no user, no tenant), of a tenant, of a user, of a user in a tenant.
CREATE TABLE preferences (
  environment INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  user_id TEXT NOT NULL,
  document TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (environment, tenant, user_id)
) STRICT, WITHOUT ROWID;
