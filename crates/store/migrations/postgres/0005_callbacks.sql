-- By the provider's own id, which is as good as unique: SQLite looks through the whole environment where an index begins with it.
DROP INDEX messages_provider;
CREATE INDEX messages_provider ON messages (provider_id) WHERE provider_id IS NOT NULL;

-- What providers told of deliveries afterwards; the id is the provider's own of the call, so that one that comes twice counts once.
CREATE TABLE callbacks (
  environment BIGINT NOT NULL,
  delivery TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  aftermath TEXT COLLATE "C" NOT NULL,
  detail TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  PRIMARY KEY (environment, delivery, id)
);

-- Addresses that get nothing any more.
CREATE TABLE suppressions (
  environment BIGINT NOT NULL,
  channel SMALLINT NOT NULL,
  address TEXT COLLATE "C" NOT NULL,
  why TEXT COLLATE "C" NOT NULL,
  delivery TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  PRIMARY KEY (environment, channel, address)
);

DO $$
DECLARE name TEXT;
BEGIN
  FOREACH name IN ARRAY ARRAY['callbacks', 'suppressions'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY environment ON %I USING ((SELECT campanile_everywhere())
      OR environment = ANY ((SELECT campanile_environments())::bigint[]))', name);
  END LOOP;
END $$;
