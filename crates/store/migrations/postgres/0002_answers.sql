-- What receivers answered is kept as bytes: a letter that says how, then the answer. Here each becomes text ("t").

ALTER TABLE deliveries ALTER COLUMN response TYPE BYTEA USING convert_to('t' || response, 'UTF8');
ALTER TABLE attempts ALTER COLUMN response TYPE BYTEA USING convert_to('t' || response, 'UTF8');
