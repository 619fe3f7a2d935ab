-- +goose Up
CREATE TABLE jobs (
  id         TEXT PRIMARY KEY, -- begins with the time
  kind       TEXT NOT NULL,
  filter     TEXT NOT NULL,    -- JSON
  target     TEXT NOT NULL,    -- a route; '': each event's own
  rate       INTEGER NOT NULL,
  actor      TEXT NOT NULL,
  state      TEXT NOT NULL,
  position   TEXT NOT NULL,    -- how far it has come, in the words of who works on it
  total      INTEGER NOT NULL, -- -1: not counted
  done       INTEGER NOT NULL,
  skipped    INTEGER NOT NULL,
  note       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  ended_at   INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX jobs_open ON jobs (id) WHERE state IN ('waiting', 'running');

CREATE TABLE audit (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  at     INTEGER NOT NULL,
  actor  TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  detail TEXT NOT NULL,
  n      INTEGER NOT NULL
);

CREATE TABLE pauses (
  destination TEXT PRIMARY KEY,
  paused      INTEGER NOT NULL,
  actor       TEXT NOT NULL,
  at          INTEGER NOT NULL -- later than every other one's: the revision
) WITHOUT ROWID;

-- +goose Down
DROP TABLE pauses;
DROP TABLE audit;
DROP TABLE jobs;
