-- +goose Up
-- Rounds of events that an operator cancels while they wait. One that is not sealed is withheld:
-- it is not decided yet. Afterwards the event is dropped when it surfaces.
CREATE TABLE tombstones (
  event   TEXT COLLATE "C" NOT NULL,
  route   TEXT COLLATE "C" NOT NULL,
  replay  TEXT COLLATE "C" NOT NULL, -- the round; '': the first
  job     TEXT COLLATE "C" NOT NULL,
  sealed  BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  PRIMARY KEY (event, route, replay)
);
CREATE INDEX tombstones_job ON tombstones (job);

-- The number of the last change of pauses or tombstones.
CREATE TABLE wishes (revision BIGINT NOT NULL);
INSERT INTO wishes (revision) VALUES (0);

-- +goose Down
DROP TABLE wishes;
DROP TABLE tombstones;
