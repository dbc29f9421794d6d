-- Texts that others name: partials, and layouts around mails.
CREATE TABLE templates (
  environment BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  source TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (environment, name)
);

-- A version keeps the templates it was declared with: a run that began does not change its words.
ALTER TABLE workflow_versions ADD COLUMN templates TEXT COLLATE "C";

-- Runs that a caller can call off together.
ALTER TABLE runs ADD COLUMN cancellation_key TEXT COLLATE "C";
CREATE INDEX runs_cancellation ON runs (environment, workflow, cancellation_key) WHERE cancellation_key IS NOT NULL;

ALTER TABLE templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE templates FORCE ROW LEVEL SECURITY;
CREATE POLICY environment ON templates USING ((SELECT campanile_everywhere())
  OR environment = ANY ((SELECT campanile_environments())::bigint[]));
