-- +goose Up
-- What gateways refused. A report that comes again has a number that is not higher.
CREATE TABLE refusals (
  hour    BIGINT NOT NULL, -- since the epoch
  source  TEXT COLLATE "C" NOT NULL,
  reason  TEXT COLLATE "C" NOT NULL,
  n       BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (hour, source, reason)
);
CREATE TABLE reporters (
  instance TEXT COLLATE "C" PRIMARY KEY,
  number   BIGINT NOT NULL, -- of its last report
  at       BIGINT NOT NULL
);

-- The traffic once more, by tens of minutes, for charts of a day.
CREATE TABLE traffic_tens (
  ten    BIGINT NOT NULL, -- since the epoch
  source TEXT COLLATE "C" NOT NULL,
  route  TEXT COLLATE "C" NOT NULL,
  kind   TEXT COLLATE "C" NOT NULL,
  n      BIGINT NOT NULL,
  PRIMARY KEY (ten, source, route, kind)
);
INSERT INTO traffic_tens (ten, source, route, kind, n)
  SELECT minute / 10, source, route, kind, SUM(n) FROM traffic GROUP BY minute / 10, source, route, kind;

-- With the state in the index, what is silent is counted without a look at the rows.
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (route, due_at, state) WHERE state IN ('pending', 'retrying');

-- +goose Down
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (route, due_at) WHERE state IN ('pending', 'retrying');
DROP TABLE traffic_tens;
DROP TABLE reporters;
DROP TABLE refusals;
