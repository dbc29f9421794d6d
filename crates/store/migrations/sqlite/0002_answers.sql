-- What receivers answered is kept as bytes: a letter that says how, then the answer. Here each becomes text ("t").

ALTER TABLE deliveries ADD COLUMN answer BLOB;
UPDATE deliveries SET answer = CAST('t' || response AS BLOB) WHERE response IS NOT NULL;
ALTER TABLE deliveries DROP COLUMN response;
ALTER TABLE deliveries RENAME COLUMN answer TO response;

ALTER TABLE attempts ADD COLUMN answer BLOB;
UPDATE attempts SET answer = CAST('t' || response AS BLOB) WHERE response IS NOT NULL;
ALTER TABLE attempts DROP COLUMN response;
ALTER TABLE attempts RENAME COLUMN answer TO response;
