-- What people call an event of a type.
ALTER TABLE event_types ADD COLUMN title TEXT COLLATE "C";

-- How much happened, minute by minute: what is counted is a number of domain::statistics.
CREATE TABLE statistics (
  environment BIGINT NOT NULL,
  minute BIGINT NOT NULL,
  counted SMALLINT NOT NULL,
  channel SMALLINT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (environment, minute, counted, channel)
);

-- Who signs in to the console. They stand above the environments; what they may do is said for each.
CREATE TABLE accounts (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  email TEXT COLLATE "C",
  name TEXT COLLATE "C",
  is_operator BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT
);
CREATE UNIQUE INDEX accounts_email ON accounts (email) WHERE email IS NOT NULL;

-- What an account may do in an environment; an admin of tenants has one row for each of them, all others name none.
CREATE TABLE access (
  environment BIGINT NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  tenant TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (environment, account, tenant)
);
CREATE INDEX access_of ON access (account);

-- Browsers that are signed in, by the SHA-256 of what their cookie says.
CREATE TABLE sessions (
  hash BYTEA NOT NULL PRIMARY KEY,
  account TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_of ON sessions (account);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Codes that sign somebody in once, by their SHA-256: a link for an account, or an invitation into an environment.
CREATE TABLE sign_in_codes (
  hash BYTEA NOT NULL PRIMARY KEY,
  account TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sign_in_codes_of ON sign_in_codes (account);
CREATE INDEX sign_in_codes_expiry ON sign_in_codes (expires_at);

CREATE TABLE invitations (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  environment BIGINT NOT NULL,
  hash BYTEA NOT NULL UNIQUE,
  email TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  tenant TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX invitations_of ON invitations (environment, email, tenant);

-- Tokens that open a tenant's or an application's portal for a while, by their SHA-256.
CREATE TABLE portal_tokens (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  environment BIGINT NOT NULL,
  hash BYTEA NOT NULL UNIQUE,
  tenant TEXT COLLATE "C",
  app TEXT COLLATE "C",
  read_only BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX portal_tokens_expiry ON portal_tokens (expires_at);

DO $$
DECLARE name TEXT;
BEGIN
  FOREACH name IN ARRAY ARRAY['access','statistics','invitations','portal_tokens']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY environment ON %I USING ((SELECT campanile_everywhere())
      OR environment = ANY ((SELECT campanile_environments())::bigint[]))', name);
  END LOOP;
  -- Who looks at one environment sees nobody's account.
  FOREACH name IN ARRAY ARRAY['accounts','sessions','sign_in_codes']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY everywhere ON %I USING ((SELECT campanile_everywhere()))', name);
  END LOOP;
END $$;
