-- +goose Up
ALTER TABLE deliveries ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0; -- from when on something should be heard of it
UPDATE deliveries SET due_at = greatest(at, next_at);
CREATE INDEX deliveries_due ON deliveries (route, due_at) WHERE state IN ('pending', 'retrying');

CREATE TABLE answers (
  seq   BIGINT NOT NULL,
  route TEXT NOT NULL,
  n     BIGINT NOT NULL, -- which record of the delivery it belongs to, from 1
  body  BYTEA NOT NULL,
  PRIMARY KEY (seq, route, n)
);

-- +goose Down
DROP TABLE answers;
DROP INDEX deliveries_due;
ALTER TABLE deliveries DROP COLUMN due_at;
