-- What the run that goes on for a batch had gathered before.
ALTER TABLE batches ADD COLUMN gathers TEXT COLLATE "C";
CREATE INDEX batches_gathers ON batches (gathers) WHERE gathers IS NOT NULL;

-- An activity that was called off after its batch closed: the run that goes on for the others goes on without it.
ALTER TABLE runs ADD COLUMN called_off BIGINT NOT NULL DEFAULT 0;

-- Runs that wait for what becomes of something, in their order.
CREATE INDEX runs_waits ON runs (id) WHERE becomes > 0;

-- Counts that nothing was added to for long, to be pruned.
CREATE INDEX tallies_updated ON tallies (environment, updated_at);

-- Events for whose sake nobody was let go on yet.
CREATE INDEX timers_wake ON timers (environment) WHERE kind = 8;
