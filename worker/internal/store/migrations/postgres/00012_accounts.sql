-- +goose Up
-- How far the tracker has come with each account at a provider.
CREATE TABLE accounts (
  name     TEXT COLLATE "C" PRIMARY KEY,
  source   TEXT COLLATE "C" NOT NULL,
  provider TEXT COLLATE "C" NOT NULL,
  version  BIGINT NOT NULL, -- grows with each change
  position TEXT COLLATE "C" NOT NULL,    -- in the words of who goes on from there
  page     BYTEA NOT NULL,    -- of the provider's list, while it is in work; else empty
  since    BIGINT NOT NULL, -- from when on the provider's list is compared
  as_of    BIGINT NOT NULL, -- until when
  asked_at BIGINT NOT NULL, -- when the provider answered last
  trouble  TEXT COLLATE "C" NOT NULL,
  trouble_at BIGINT NOT NULL, -- since when
  report   TEXT COLLATE "C" NOT NULL     -- JSON
);

-- What providers say they sent, for as long as it can be listed again or is not settled.
CREATE TABLE sent (
  account  TEXT COLLATE "C" NOT NULL,
  event    TEXT COLLATE "C" NOT NULL,    -- the provider's id
  ref      TEXT COLLATE "C" NOT NULL,
  type     TEXT COLLATE "C" NOT NULL,
  at       BIGINT NOT NULL,
  state    TEXT COLLATE "C" NOT NULL,
  tries    BIGINT NOT NULL,
  asked_at BIGINT NOT NULL,
  due_at   BIGINT NOT NULL, -- when to look at it again
  id       TEXT COLLATE "C" NOT NULL,    -- of the event; empty while there is none
  reason   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (account, event)
);
CREATE INDEX sent_due ON sent (account, state, due_at);
CREATE INDEX sent_time ON sent (at, account, event);

CREATE TABLE sent_tallies (
  account TEXT COLLATE "C" NOT NULL,
  source  TEXT COLLATE "C" NOT NULL,
  state   TEXT COLLATE "C" NOT NULL,
  n       BIGINT NOT NULL,
  PRIMARY KEY (account, source, state)
);

-- What people asked to be recovered once, of accounts that recover nothing by themselves.
CREATE TABLE recoveries (
  account TEXT COLLATE "C" PRIMARY KEY,
  actor   TEXT COLLATE "C" NOT NULL,
  at      BIGINT NOT NULL
);

-- +goose Down
DROP TABLE recoveries;
DROP TABLE sent_tallies;
DROP TABLE sent;
DROP TABLE accounts;
