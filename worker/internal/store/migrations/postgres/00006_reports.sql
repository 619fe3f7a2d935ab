-- +goose Up
CREATE TABLE reports (
  name TEXT PRIMARY KEY,
  at   BIGINT NOT NULL,
  body TEXT NOT NULL -- JSON
);

-- +goose Down
DROP TABLE reports;
