-- +goose Up
-- The incident that the delivery's last failure belongs to, until the delivery is final.
ALTER TABLE deliveries ADD COLUMN incident TEXT NOT NULL DEFAULT '';

CREATE TABLE incidents (
  id          TEXT PRIMARY KEY, -- made of what it is about
  kind        TEXT NOT NULL,
  route       TEXT NOT NULL,
  source      TEXT NOT NULL,
  reason      TEXT NOT NULL,
  http_status INTEGER NOT NULL,
  shape       TEXT NOT NULL,
  state       TEXT NOT NULL,
  muted_until INTEGER NOT NULL,
  failures    INTEGER NOT NULL,
  events      INTEGER NOT NULL, -- that have failed
  waiting     INTEGER NOT NULL, -- of them, deliveries that are pending or retrying
  dead        INTEGER NOT NULL, -- of them, dead letters
  first_at    INTEGER NOT NULL,
  last_at     INTEGER NOT NULL,
  opened_at   INTEGER NOT NULL, -- or reopened
  ok_at       INTEGER NOT NULL, -- when it succeeded after the last failure; 0: it did not
  resolved_at INTEGER NOT NULL,
  flaps       INTEGER NOT NULL, -- how often it was reopened within an hour
  actor       TEXT NOT NULL,    -- who acknowledged or resolved it last
  samples     TEXT NOT NULL,    -- JSON: ids of events
  answer      TEXT NOT NULL,    -- how one answer begins
  detail      TEXT NOT NULL     -- of an observed condition
) WITHOUT ROWID;
CREATE INDEX incidents_route ON incidents (route) WHERE state <> 'resolved';
CREATE INDEX incidents_source ON incidents (source) WHERE state <> 'resolved';
CREATE INDEX incidents_last ON incidents (last_at, id);

CREATE TABLE incident_changes (
  id       INTEGER PRIMARY KEY, -- in the order of the commits
  incident TEXT NOT NULL,
  at       INTEGER NOT NULL,
  change   TEXT NOT NULL,
  actor    TEXT NOT NULL, -- '': by itself
  note     TEXT NOT NULL
);
CREATE INDEX incident_changes_incident ON incident_changes (incident, id);

-- How far a channel of notifications has taken up the changes. The empty channel has the id of the
-- last change; whoever changes incidents locks its row first.
CREATE TABLE notify_cursors (
  channel TEXT PRIMARY KEY,
  change  INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO notify_cursors (channel, change) VALUES ('', 0);

-- What is to be sent, and what was.
CREATE TABLE notices (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  channel  TEXT NOT NULL,
  changes  TEXT NOT NULL,    -- JSON: ids of incident_changes
  state    TEXT NOT NULL,
  made_at  INTEGER NOT NULL,
  next_at  INTEGER NOT NULL, -- of the next attempt
  ended_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  problem  TEXT NOT NULL     -- of the last attempt, in words
);
CREATE INDEX notices_waiting ON notices (channel, next_at) WHERE state = 'waiting';
CREATE INDEX notices_channel ON notices (channel, id);

-- +goose Down
DROP TABLE notices;
DROP TABLE notify_cursors;
DROP TABLE incident_changes;
DROP TABLE incidents;
ALTER TABLE deliveries DROP COLUMN incident;
