-- What a run waits for that others do: the name of an event (becomes 0), or the bare id of what a step sent and what that is to become.
ALTER TABLE runs ADD COLUMN awaits TEXT;
ALTER TABLE runs ADD COLUMN becomes INTEGER;
CREATE INDEX runs_awaits ON runs (becomes, awaits) WHERE awaits IS NOT NULL;

-- Which events somebody may wait for: by every version of every workflow, since runs keep the version they began with.
CREATE TABLE awaited (
  environment INTEGER NOT NULL,
  pattern TEXT NOT NULL,
  PRIMARY KEY (environment, pattern)
) STRICT, WITHOUT ROWID;
