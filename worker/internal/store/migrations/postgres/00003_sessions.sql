-- +goose Up
CREATE TABLE sessions (
  hash       TEXT COLLATE "C" PRIMARY KEY,
  name       TEXT NOT NULL,
  token      TEXT NOT NULL,
  may_write  BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE sessions;
