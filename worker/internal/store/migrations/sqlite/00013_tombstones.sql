-- +goose Up
-- Rounds of events that an operator cancels while they wait. One that is not sealed is withheld:
-- it is not decided yet. Afterwards the event is dropped when it surfaces.
CREATE TABLE tombstones (
  event   TEXT NOT NULL,
  route   TEXT NOT NULL,
  replay  TEXT NOT NULL, -- the round; '': the first
  job     TEXT NOT NULL,
  sealed  INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  PRIMARY KEY (event, route, replay)
) WITHOUT ROWID;
CREATE INDEX tombstones_job ON tombstones (job);

-- The number of the last change of pauses or tombstones.
CREATE TABLE wishes (revision INTEGER NOT NULL);
INSERT INTO wishes (revision) VALUES (0);

-- +goose Down
DROP TABLE wishes;
DROP TABLE tombstones;
