-- +goose Up
-- Who is active. A row outlives its connection, so it works through a connection pooler.
CREATE TABLE leases (
  name   TEXT COLLATE "C" PRIMARY KEY,
  holder TEXT COLLATE "C" NOT NULL,
  until  TIMESTAMPTZ NOT NULL -- by the clock of the server
);

-- +goose Down
DROP TABLE leases;
