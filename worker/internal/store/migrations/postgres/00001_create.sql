-- +goose Up
CREATE TABLE streams (
  name        TEXT COLLATE "C" PRIMARY KEY,
  next_offset BIGINT NOT NULL,
  last_id     TEXT COLLATE "C" NOT NULL,
  updated_at  BIGINT NOT NULL
);

CREATE TABLE gaps (
  id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream      TEXT COLLATE "C" NOT NULL,
  from_offset BIGINT NOT NULL,
  to_offset   BIGINT NOT NULL,
  reason      TEXT COLLATE "C" NOT NULL,
  at          BIGINT NOT NULL
);

CREATE TABLE events (
  seq            BIGINT PRIMARY KEY,
  id             TEXT COLLATE "C" NOT NULL UNIQUE,
  source         TEXT COLLATE "C" NOT NULL,
  type           TEXT COLLATE "C" NOT NULL,
  provider_id    TEXT COLLATE "C" NOT NULL,
  received_at    BIGINT NOT NULL,
  size           BIGINT NOT NULL,
  archive_offset BIGINT NOT NULL, -- -1: not seen there
  routed         BIGINT NOT NULL  -- how many deliveries it has
);
CREATE INDEX events_time ON events (received_at, seq);
CREATE INDEX events_source ON events (source, received_at, seq);
CREATE INDEX events_type ON events (type, received_at, seq);
CREATE INDEX events_provider ON events (provider_id, received_at, seq) WHERE provider_id <> '';
CREATE INDEX events_unrouted ON events (received_at, seq) WHERE routed = 0;

CREATE TABLE deliveries (
  seq         BIGINT NOT NULL,
  route       TEXT COLLATE "C" NOT NULL,
  state       TEXT COLLATE "C" NOT NULL,
  received_at BIGINT NOT NULL, -- of the event
  kind        TEXT COLLATE "C" NOT NULL,
  at          BIGINT NOT NULL,
  attempt     BIGINT NOT NULL,
  reason      TEXT COLLATE "C" NOT NULL,
  last_reason TEXT COLLATE "C" NOT NULL,
  http_status BIGINT NOT NULL,
  took        BIGINT NOT NULL,
  next_at     BIGINT NOT NULL,
  replay      TEXT COLLATE "C" NOT NULL,
  actor       TEXT COLLATE "C" NOT NULL,
  records     BIGINT NOT NULL,
  PRIMARY KEY (seq, route)
);
CREATE INDEX deliveries_route ON deliveries (route, state, received_at, seq);
CREATE INDEX deliveries_state ON deliveries (state, received_at, seq) WHERE state <> 'delivered';

CREATE TABLE history (
  seq         BIGINT NOT NULL,
  route       TEXT COLLATE "C" NOT NULL,
  n           BIGINT NOT NULL, -- which record of the delivery this was, from 1
  kind        TEXT COLLATE "C" NOT NULL,
  at          BIGINT NOT NULL,
  attempt     BIGINT NOT NULL,
  reason      TEXT COLLATE "C" NOT NULL,
  last_reason TEXT COLLATE "C" NOT NULL,
  http_status BIGINT NOT NULL,
  took        BIGINT NOT NULL,
  next_at     BIGINT NOT NULL,
  replay      TEXT COLLATE "C" NOT NULL,
  actor       TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (seq, route, n)
);

CREATE TABLE tallies (
  source TEXT COLLATE "C" NOT NULL,
  route  TEXT COLLATE "C" NOT NULL, -- '' counts events
  state  TEXT COLLATE "C" NOT NULL, -- 'accepted' or 'unrouted' of events
  n      BIGINT NOT NULL,
  PRIMARY KEY (source, route, state)
);

CREATE TABLE traffic (
  minute BIGINT NOT NULL, -- since the epoch
  source TEXT COLLATE "C" NOT NULL,
  route  TEXT COLLATE "C" NOT NULL, -- '' counts accepted events
  kind   TEXT COLLATE "C" NOT NULL,
  n      BIGINT NOT NULL,
  PRIMARY KEY (minute, source, route, kind)
);

-- +goose Down
DROP TABLE traffic;
DROP TABLE tallies;
DROP TABLE history;
DROP TABLE deliveries;
DROP TABLE events;
DROP TABLE gaps;
DROP TABLE streams;
