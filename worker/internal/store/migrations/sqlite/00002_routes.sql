-- +goose Up
CREATE TABLE routes (
  name     TEXT PRIMARY KEY,
  bindings TEXT NOT NULL,
  since    INTEGER NOT NULL -- from when on accepted events are expected on it
) WITHOUT ROWID;

-- +goose Down
DROP TABLE routes;
