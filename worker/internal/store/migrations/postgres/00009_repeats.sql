-- +goose Up
-- How often an accepted event came again and was not delivered again.
CREATE TABLE repeats (
  event   TEXT COLLATE "C" PRIMARY KEY, -- its id
  n       BIGINT NOT NULL,
  last_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE repeats;
