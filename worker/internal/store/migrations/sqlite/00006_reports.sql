-- +goose Up
CREATE TABLE reports (
  name TEXT PRIMARY KEY,
  at   INTEGER NOT NULL,
  body TEXT NOT NULL -- JSON
) WITHOUT ROWID;

-- +goose Down
DROP TABLE reports;
