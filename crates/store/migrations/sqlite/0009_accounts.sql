-- What people call an event of a type.
ALTER TABLE event_types ADD COLUMN title TEXT;

-- How much happened, minute by minute: what is counted is a number of domain::statistics.
CREATE TABLE statistics (
  environment INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  counted INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (environment, minute, counted, channel)
) STRICT, WITHOUT ROWID;

-- Who signs in to the console. They stand above the environments; what they may do is said for each.
CREATE TABLE accounts (
  id TEXT NOT NULL PRIMARY KEY,
  email TEXT,
  name TEXT,
  is_operator INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX accounts_email ON accounts (email) WHERE email IS NOT NULL;

-- What an account may do in an environment; an admin of tenants has one row for each of them, all others name none.
CREATE TABLE access (
  environment INTEGER NOT NULL,
  account TEXT NOT NULL,
  tenant TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (environment, account, tenant)
) STRICT, WITHOUT ROWID;
CREATE INDEX access_of ON access (account);

-- Browsers that are signed in, by the SHA-256 of what their cookie says.
CREATE TABLE sessions (
  hash BLOB NOT NULL PRIMARY KEY,
  account TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of ON sessions (account);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Codes that sign somebody in once, by their SHA-256: a link for an account, or an invitation into an environment.
CREATE TABLE sign_in_codes (
  hash BLOB NOT NULL PRIMARY KEY,
  account TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_codes_of ON sign_in_codes (account);
CREATE INDEX sign_in_codes_expiry ON sign_in_codes (expires_at);

CREATE TABLE invitations (
  id TEXT NOT NULL PRIMARY KEY,
  environment INTEGER NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  email TEXT NOT NULL,
  role TEXT NOT NULL,
  tenant TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX invitations_of ON invitations (environment, email, tenant);

-- Tokens that open a tenant's or an application's portal for a while, by their SHA-256.
CREATE TABLE portal_tokens (
  id TEXT NOT NULL PRIMARY KEY,
  environment INTEGER NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  tenant TEXT,
  app TEXT,
  read_only INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX portal_tokens_expiry ON portal_tokens (expires_at);
