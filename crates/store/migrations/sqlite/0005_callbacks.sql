-- By the provider's own id, which is as good as unique: SQLite looks through the whole environment where an index begins with it.
DROP INDEX messages_provider;
CREATE INDEX messages_provider ON messages (provider_id) WHERE provider_id IS NOT NULL;

-- What providers told of deliveries afterwards; the id is the provider's own of the call, so that one that comes twice counts once.
CREATE TABLE callbacks (
  environment INTEGER NOT NULL,
  delivery TEXT NOT NULL,
  id TEXT NOT NULL,
  aftermath TEXT NOT NULL,
  detail TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (environment, delivery, id)
) STRICT, WITHOUT ROWID;

-- Addresses that get nothing any more.
CREATE TABLE suppressions (
  environment INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  address TEXT NOT NULL,
  why TEXT NOT NULL,
  delivery TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (environment, channel, address)
) STRICT, WITHOUT ROWID;
