-- +goose Up
CREATE TABLE streams (
  name        TEXT PRIMARY KEY,
  next_offset INTEGER NOT NULL,
  last_id     TEXT NOT NULL,
  updated_at  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE gaps (
  id          INTEGER PRIMARY KEY,
  stream      TEXT NOT NULL,
  from_offset INTEGER NOT NULL,
  to_offset   INTEGER NOT NULL,
  reason      TEXT NOT NULL,
  at          INTEGER NOT NULL
);

CREATE TABLE events (
  seq            INTEGER PRIMARY KEY,
  id             TEXT NOT NULL UNIQUE,
  source         TEXT NOT NULL,
  type           TEXT NOT NULL,
  provider_id    TEXT NOT NULL,
  received_at    INTEGER NOT NULL,
  size           INTEGER NOT NULL,
  archive_offset INTEGER NOT NULL, -- -1: not seen there
  routed         INTEGER NOT NULL  -- how many deliveries it has
);
CREATE INDEX events_time ON events (received_at);
CREATE INDEX events_source ON events (source, received_at);
CREATE INDEX events_type ON events (type, received_at);
CREATE INDEX events_provider ON events (provider_id, received_at) WHERE provider_id <> '';
CREATE INDEX events_unrouted ON events (received_at) WHERE routed = 0;

CREATE TABLE deliveries (
  seq         INTEGER NOT NULL,
  route       TEXT NOT NULL,
  state       TEXT NOT NULL,
  received_at INTEGER NOT NULL, -- of the event
  kind        TEXT NOT NULL,
  at          INTEGER NOT NULL,
  attempt     INTEGER NOT NULL,
  reason      TEXT NOT NULL,
  last_reason TEXT NOT NULL,
  http_status INTEGER NOT NULL,
  took        INTEGER NOT NULL,
  next_at     INTEGER NOT NULL,
  replay      TEXT NOT NULL,
  actor       TEXT NOT NULL,
  records     INTEGER NOT NULL,
  PRIMARY KEY (seq, route)
) WITHOUT ROWID;
CREATE INDEX deliveries_route ON deliveries (route, state, received_at, seq);
CREATE INDEX deliveries_state ON deliveries (state, received_at, seq) WHERE state <> 'delivered';

CREATE TABLE history (
  seq         INTEGER NOT NULL,
  route       TEXT NOT NULL,
  n           INTEGER NOT NULL, -- which record of the delivery this was, from 1
  kind        TEXT NOT NULL,
  at          INTEGER NOT NULL,
  attempt     INTEGER NOT NULL,
  reason      TEXT NOT NULL,
  last_reason TEXT NOT NULL,
  http_status INTEGER NOT NULL,
  took        INTEGER NOT NULL,
  next_at     INTEGER NOT NULL,
  replay      TEXT NOT NULL,
  actor       TEXT NOT NULL,
  PRIMARY KEY (seq, route, n)
) WITHOUT ROWID;

CREATE TABLE tallies (
  source TEXT NOT NULL,
  route  TEXT NOT NULL, -- '' counts events
  state  TEXT NOT NULL, -- 'accepted' or 'unrouted' of events
  n      INTEGER NOT NULL,
  PRIMARY KEY (source, route, state)
) WITHOUT ROWID;

CREATE TABLE traffic (
  minute INTEGER NOT NULL, -- since the epoch
  source TEXT NOT NULL,
  route  TEXT NOT NULL, -- '' counts accepted events
  kind   TEXT NOT NULL,
  n      INTEGER NOT NULL,
  PRIMARY KEY (minute, source, route, kind)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE traffic;
DROP TABLE tallies;
DROP TABLE history;
DROP TABLE deliveries;
DROP TABLE events;
DROP TABLE gaps;
DROP TABLE streams;
