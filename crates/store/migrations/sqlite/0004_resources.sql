-- Texts that others name: partials, and layouts around mails.
CREATE TABLE templates (
  environment INTEGER NOT NULL,
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (environment, name)
) STRICT, WITHOUT ROWID;

-- A version keeps the templates it was declared with: a run that began does not change its words.
ALTER TABLE workflow_versions ADD COLUMN templates TEXT;

-- Runs that a caller can call off together.
ALTER TABLE runs ADD COLUMN cancellation_key TEXT;
CREATE INDEX runs_cancellation ON runs (environment, workflow, cancellation_key) WHERE cancellation_key IS NOT NULL;
