-- +goose Up
-- How often an accepted event came again and was not delivered again.
CREATE TABLE repeats (
  event   TEXT PRIMARY KEY, -- its id
  n       INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE repeats;
