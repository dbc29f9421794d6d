-- Long answers stand compressed beside the column of the others.
ALTER TABLE deliveries ADD COLUMN packed BLOB;
ALTER TABLE attempts ADD COLUMN packed BLOB;
