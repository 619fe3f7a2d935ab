-- +goose Up
CREATE TABLE routes (
  name     TEXT COLLATE "C" PRIMARY KEY,
  bindings TEXT COLLATE "C" NOT NULL,
  since    BIGINT NOT NULL -- from when on accepted events are expected on it
);

-- +goose Down
DROP TABLE routes;
