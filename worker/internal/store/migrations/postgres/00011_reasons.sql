-- +goose Up
-- Why the last attempt failed, in one line, and why an event is held that is not decided.
ALTER TABLE deliveries ADD COLUMN error TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN held_why TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN held_at BIGINT NOT NULL DEFAULT 0; -- when that was last so
ALTER TABLE history ADD COLUMN error TEXT NOT NULL DEFAULT '';
ALTER TABLE answers ADD COLUMN cut BIGINT NOT NULL DEFAULT 0; -- 1: the body goes on
ALTER TABLE answers ADD COLUMN fields TEXT NOT NULL DEFAULT ''; -- of its header: JSON

-- How the last attempt failed on each route, whatever became of its event since.
CREATE TABLE failures (
  route       TEXT PRIMARY KEY,
  at          BIGINT NOT NULL,
  event       TEXT NOT NULL,
  reason      TEXT NOT NULL,
  http_status BIGINT NOT NULL,
  error       TEXT NOT NULL
);

-- How long attempts took.
CREATE TABLE latencies (
  minute BIGINT NOT NULL, -- since the epoch
  route  TEXT NOT NULL,
  bucket BIGINT NOT NULL, -- of the logarithm of the time
  n      BIGINT NOT NULL,
  PRIMARY KEY (minute, route, bucket)
);

-- A route can be paused, too.
ALTER TABLE pauses RENAME TO destination_pauses;
CREATE TABLE pauses (
  kind   TEXT NOT NULL, -- destination or route
  name   TEXT NOT NULL,
  paused BIGINT NOT NULL,
  actor  TEXT NOT NULL,
  at     BIGINT NOT NULL, -- later than every other one's: the revision
  PRIMARY KEY (kind, name)
);
INSERT INTO pauses (kind, name, paused, actor, at) SELECT 'destination', destination, paused, actor, at FROM destination_pauses;
DROP TABLE destination_pauses;

-- +goose Down
ALTER TABLE pauses RENAME TO all_pauses;
CREATE TABLE pauses (
  destination TEXT PRIMARY KEY,
  paused      BIGINT NOT NULL,
  actor       TEXT NOT NULL,
  at          BIGINT NOT NULL
);
INSERT INTO pauses (destination, paused, actor, at) SELECT name, paused, actor, at FROM all_pauses WHERE kind = 'destination';
DROP TABLE all_pauses;
DROP TABLE latencies;
DROP TABLE failures;
ALTER TABLE answers DROP COLUMN fields;
ALTER TABLE answers DROP COLUMN cut;
ALTER TABLE history DROP COLUMN error;
ALTER TABLE deliveries DROP COLUMN held_at;
ALTER TABLE deliveries DROP COLUMN held_why;
ALTER TABLE deliveries DROP COLUMN error;
