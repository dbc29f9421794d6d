-- What a product's own transactions leave for Campanile. Installing again brings an older one up to date.
CREATE SCHEMA IF NOT EXISTS campanile;
COMMENT ON SCHEMA campanile IS 'Events on their way to Campanile, version 1';

CREATE TABLE IF NOT EXISTS campanile.outbox (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL,
  application text,
  type text NOT NULL,
  category text,
  tenant text,
  users text[] NOT NULL,
  entity_type text,
  entity_id text,
  data jsonb NOT NULL,
  occurred_at timestamptz NOT NULL,
  failed_at timestamptz,
  error text
);
-- Only what waits is looked for; what was refused stays until somebody has looked at it.
CREATE INDEX IF NOT EXISTS outbox_waiting ON campanile.outbox (number) WHERE failed_at IS NULL;

-- Publishes an event with the transaction that calls it: neither commits nor rolls anything back. Answers the event's id, under which it is published
-- once. Whoever may use the schema may call it; the table itself is not theirs to touch.
CREATE OR REPLACE FUNCTION campanile.publish(
  type text,
  data jsonb DEFAULT '{}',
  tenant text DEFAULT NULL,
  users text[] DEFAULT '{}',
  application text DEFAULT NULL,
  category text DEFAULT NULL,
  entity_type text DEFAULT NULL,
  entity_id text DEFAULT NULL,
  id text DEFAULT NULL,
  occurred_at timestamptz DEFAULT NULL
) RETURNS text LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO campanile.outbox (id, application, type, category, tenant, users, entity_type, entity_id, data, occurred_at)
  VALUES (coalesce($9, gen_random_uuid()::text), $5, $1, $6, $3, coalesce($4, '{}'), $7, $8, coalesce($2, '{}'), coalesce($10, clock_timestamp()))
  RETURNING outbox.id
$$;

REVOKE ALL ON campanile.outbox FROM PUBLIC;
GRANT USAGE ON SCHEMA campanile TO PUBLIC;
GRANT EXECUTE ON FUNCTION campanile.publish TO PUBLIC;
