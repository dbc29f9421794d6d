-- What a run waits for that others do: the name of an event (becomes 0), or the bare id of what a step sent and what that is to become.
ALTER TABLE runs ADD COLUMN awaits TEXT COLLATE "C";
ALTER TABLE runs ADD COLUMN becomes SMALLINT;
CREATE INDEX runs_awaits ON runs (becomes, awaits) WHERE awaits IS NOT NULL;

-- Which events somebody may wait for: by every version of every workflow, since runs keep the version they began with.
CREATE TABLE awaited (
  environment BIGINT NOT NULL,
  pattern TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (environment, pattern)
);

ALTER TABLE awaited ENABLE ROW LEVEL SECURITY;
ALTER TABLE awaited FORCE ROW LEVEL SECURITY;
CREATE POLICY environment ON awaited USING ((SELECT campanile_everywhere())
  OR environment = ANY ((SELECT campanile_environments())::bigint[]));
