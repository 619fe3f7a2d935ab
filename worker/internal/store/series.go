package store

import (
	"context"
	"fmt"
	"time"
)

// minutesOfTen is how many minutes the coarse counts of the traffic hold.
const minutesOfTen = 10

// Grouping is what a count of the traffic is by, besides its kind.
type Grouping int

// The groupings.
const (
	Ungrouped Grouping = iota
	ByRoute            // acceptances, which are of no route, are left out
	BySource
)

// Bucketed is how often something happened in a stretch of time.
type Bucketed struct {
	Bucket int    // which one, from 0
	Name   string // of the route or source; empty when it is Ungrouped
	Kind   string // as of a Traffic
	Count  int64
}

// Series counts what happened since a time, in buckets of whole minutes. Those of whole
// tens of minutes, from a whole ten on, are counted faster: those of a day in
// milliseconds.
func (s *Store) Series(ctx context.Context, since time.Time, bucket time.Duration, by Grouping) ([]Bucketed, error) {
	table, column, unit := "traffic", "minute", time.Minute
	if ten := minutesOfTen * time.Minute; bucket%ten == 0 && since.Equal(since.Truncate(ten)) {
		table, column, unit = "traffic_tens", "ten", ten
	}
	name := map[Grouping]string{Ungrouped: "''", ByRoute: "route", BySource: "source"}[by]
	from, width := since.Unix()/int64(unit.Seconds()), max(int64(bucket/unit), 1)
	q := new(query).add("SELECT bucket, name, kind, CAST(SUM(n) AS BIGINT) FROM (SELECT ("+column+" - ?) / ? AS bucket, "+name+" AS name, kind, n FROM "+
		table+" WHERE "+column+" >= ?", from, width, from)
	if by == ByRoute {
		q.add(" AND route <> ''")
	}
	q.add(") t GROUP BY bucket, name, kind")
	var all []Bucketed
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var one Bucketed
		err := scan(&one.Bucket, &one.Name, &one.Kind, &one.Count)
		all = append(all, one)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count the traffic: %w", err)
	}
	return all, nil
}

// inTens adds minutes up; the result's minute is a ten.
func inTens(minutes map[traffic]int64) map[traffic]int64 {
	tens := make(map[traffic]int64, len(minutes))
	for k, n := range minutes {
		k.minute /= minutesOfTen
		tens[k] += n
	}
	return tens
}
