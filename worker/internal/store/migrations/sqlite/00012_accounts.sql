-- +goose Up
-- How far the tracker has come with each account at a provider.
CREATE TABLE accounts (
  name     TEXT PRIMARY KEY,
  source   TEXT NOT NULL,
  provider TEXT NOT NULL,
  version  INTEGER NOT NULL, -- grows with each change
  position TEXT NOT NULL,    -- in the words of who goes on from there
  page     BLOB NOT NULL,    -- of the provider's list, while it is in work; else empty
  since    INTEGER NOT NULL, -- from when on the provider's list is compared
  as_of    INTEGER NOT NULL, -- until when
  asked_at INTEGER NOT NULL, -- when the provider answered last
  trouble  TEXT NOT NULL,
  trouble_at INTEGER NOT NULL, -- since when
  report   TEXT NOT NULL     -- JSON
) WITHOUT ROWID;

-- What providers say they sent, for as long as it can be listed again or is not settled.
CREATE TABLE sent (
  account  TEXT NOT NULL,
  event    TEXT NOT NULL,    -- the provider's id
  ref      TEXT NOT NULL,
  type     TEXT NOT NULL,
  at       INTEGER NOT NULL,
  state    TEXT NOT NULL,
  tries    INTEGER NOT NULL,
  asked_at INTEGER NOT NULL,
  due_at   INTEGER NOT NULL, -- when to look at it again
  id       TEXT NOT NULL,    -- of the event; empty while there is none
  reason   TEXT NOT NULL,
  PRIMARY KEY (account, event)
) WITHOUT ROWID;
CREATE INDEX sent_due ON sent (account, state, due_at);
CREATE INDEX sent_time ON sent (at, account, event);

CREATE TABLE sent_tallies (
  account TEXT NOT NULL,
  source  TEXT NOT NULL,
  state   TEXT NOT NULL,
  n       INTEGER NOT NULL,
  PRIMARY KEY (account, source, state)
) WITHOUT ROWID;

-- What people asked to be recovered once, of accounts that recover nothing by themselves.
CREATE TABLE recoveries (
  account TEXT PRIMARY KEY,
  actor   TEXT NOT NULL,
  at      INTEGER NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE recoveries;
DROP TABLE sent_tallies;
DROP TABLE sent;
DROP TABLE accounts;
