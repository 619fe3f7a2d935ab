-- +goose Up
CREATE TABLE sessions (
  hash       TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  token      TEXT NOT NULL,
  may_write  INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE sessions;
