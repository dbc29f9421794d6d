-- Long answers stand compressed beside the column of the others. The database would only try to compress them once more.
ALTER TABLE deliveries ADD COLUMN packed BYTEA;
ALTER TABLE attempts ADD COLUMN packed BYTEA;
ALTER TABLE deliveries ALTER COLUMN packed SET STORAGE EXTERNAL;
ALTER TABLE attempts ALTER COLUMN packed SET STORAGE EXTERNAL;
