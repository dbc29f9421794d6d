-- A workflow's head; what it says stands in its versions, which runs keep.
CREATE TABLE workflows (
  environment BIGINT NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  deleted_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (environment, key)
);

CREATE TABLE workflow_versions (
  environment BIGINT NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  spec TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (environment, key, version)
);

-- The channels of an environment that somebody set up; what providers need in secret is encrypted.
CREATE TABLE channels (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  environment BIGINT NOT NULL,
  channel TEXT COLLATE "C" NOT NULL,
  settings TEXT COLLATE "C" NOT NULL,
  secrets BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX channels_of ON channels (environment, channel);

CREATE TABLE runs (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  environment BIGINT NOT NULL,
  workflow TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  event TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  tenant TEXT COLLATE "C",
  actor TEXT COLLATE "C",
  part TEXT COLLATE "C" NOT NULL DEFAULT '',
  status SMALLINT NOT NULL,
  revision BIGINT NOT NULL DEFAULT 1,
  batch TEXT COLLATE "C",
  gathers TEXT COLLATE "C",
  state TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  finished_at BIGINT
);
-- An event starts a workflow once for a recipient; a step that is held up goes on by itself.
CREATE UNIQUE INDEX runs_event ON runs (environment, event, workflow, user_id, part);
CREATE INDEX runs_batch ON runs (batch, id) WHERE batch IS NOT NULL;
CREATE INDEX runs_gathers ON runs (gathers) WHERE gathers IS NOT NULL;

-- What a delivery to a person carries.
CREATE TABLE messages (
  environment BIGINT NOT NULL,
  delivery TEXT COLLATE "C" NOT NULL,
  destination TEXT COLLATE "C" NOT NULL,
  channel SMALLINT NOT NULL,
  run TEXT COLLATE "C" NOT NULL,
  workflow TEXT COLLATE "C" NOT NULL,
  step TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C",
  tenant TEXT COLLATE "C",
  recipient TEXT COLLATE "C",
  config TEXT COLLATE "C",
  content TEXT COLLATE "C" NOT NULL,
  provider TEXT COLLATE "C",
  provider_id TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  PRIMARY KEY (environment, delivery)
);
-- Providers tell later what became of what they took.
CREATE INDEX messages_provider ON messages (environment, provider_id) WHERE provider_id IS NOT NULL;

-- Activities that are gathered: the runs that name the batch. While it is open, more of its group join.
CREATE TABLE batches (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  environment BIGINT NOT NULL,
  grouped TEXT COLLATE "C" NOT NULL,
  timer TEXT COLLATE "C" NOT NULL,
  items BIGINT NOT NULL,
  opened_at BIGINT NOT NULL,
  closes_at BIGINT NOT NULL,
  is_open BIGINT NOT NULL,
  closed_at BIGINT
);
CREATE UNIQUE INDEX batches_open ON batches (environment, grouped) WHERE is_open = 1;

-- What throttles have counted.
CREATE TABLE tallies (
  environment BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (environment, name)
);

-- What a tenant's admins chose for their own channels; where it leads is encrypted.
CREATE TABLE channel_configs (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  environment BIGINT NOT NULL,
  tenant TEXT COLLATE "C" NOT NULL,
  channel TEXT COLLATE "C" NOT NULL,
  settings BYTEA NOT NULL,
  is_active BIGINT NOT NULL,
  events TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX channel_configs_of ON channel_configs (environment, tenant, created_at, id);

-- Who wants what: of the environment (no user, no tenant), of a tenant, of a user, of a user in a tenant.
CREATE TABLE preferences (
  environment BIGINT NOT NULL,
  tenant TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  document TEXT COLLATE "C" NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (environment, tenant, user_id)
);

DO $$
DECLARE name TEXT;
BEGIN
  FOREACH name IN ARRAY ARRAY['workflows','workflow_versions','channels','runs','messages','batches','tallies','channel_configs','preferences']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY environment ON %I USING ((SELECT campanile_everywhere())
      OR environment = ANY ((SELECT campanile_environments())::bigint[]))', name);
  END LOOP;
END $$;
