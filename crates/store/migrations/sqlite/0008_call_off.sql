-- What was started by a key, in its order: it is called off slice by slice.
DROP INDEX runs_cancellation;
CREATE INDEX runs_cancellation ON runs (environment, workflow, cancellation_key, id) WHERE cancellation_key IS NOT NULL;
