-- +goose Up
CREATE TABLE jobs (
  id         TEXT COLLATE "C" PRIMARY KEY, -- begins with the time
  kind       TEXT COLLATE "C" NOT NULL,
  filter     TEXT COLLATE "C" NOT NULL,    -- JSON
  target     TEXT COLLATE "C" NOT NULL,    -- a route; '': each event's own
  rate       BIGINT NOT NULL,
  actor      TEXT COLLATE "C" NOT NULL,
  state      TEXT COLLATE "C" NOT NULL,
  position   TEXT COLLATE "C" NOT NULL,    -- how far it has come, in the words of who works on it
  total      BIGINT NOT NULL, -- -1: not counted
  done       BIGINT NOT NULL,
  skipped    BIGINT NOT NULL,
  note       TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at   BIGINT NOT NULL
);
CREATE INDEX jobs_open ON jobs (id) WHERE state IN ('waiting', 'running');

CREATE TABLE audit (
  id     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at     BIGINT NOT NULL,
  actor  TEXT COLLATE "C" NOT NULL,
  action TEXT COLLATE "C" NOT NULL,
  target TEXT COLLATE "C" NOT NULL,
  detail TEXT COLLATE "C" NOT NULL,
  n      BIGINT NOT NULL
);

CREATE TABLE pauses (
  destination TEXT COLLATE "C" PRIMARY KEY,
  paused      BIGINT NOT NULL,
  actor       TEXT COLLATE "C" NOT NULL,
  at          BIGINT NOT NULL -- later than every other one's: the revision
);

-- +goose Down
DROP TABLE pauses;
DROP TABLE audit;
DROP TABLE jobs;
