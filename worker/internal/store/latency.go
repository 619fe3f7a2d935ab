package store

import (
	"context"
	"fmt"
	"math"
	"time"
)

// latency is what attempts are counted by.
type latency struct {
	minute int64
	route  string
	bucket int
}

// A bucket's bounds are a factor of the square root of two apart, so that what is read from the
// counts is off by a fifth at most. The first one is up to a millisecond, the last one has
// no end.
const (
	perOctave  = 2
	lastBucket = 50 // from seven hours on
)

func bucketOf(took time.Duration) int {
	ms := float64(took) / float64(time.Millisecond)
	if ms < 1 {
		return 0
	}
	return min(1+int(perOctave*math.Log2(ms)), lastBucket)
}

// bounds returns the shortest time of a bucket, and that of the next one.
func bounds(bucket int) (from, to float64) {
	at := func(n int) float64 { return math.Exp2(float64(n)/perOctave) * float64(time.Millisecond) }
	if bucket == 0 {
		return 0, at(0)
	}
	return at(bucket - 1), at(bucket)
}

// Latency counts attempts by how long they took. The zero value has none.
type Latency struct{ counts [lastBucket + 1]int64 }

// Count is how many attempts there were.
func (l *Latency) Count() (n int64) {
	for _, c := range l.counts {
		n += c
	}
	return n
}

// Add adds those of another one.
func (l *Latency) Add(other *Latency) {
	for i, n := range other.counts {
		l.counts[i] += n
	}
}

// Quantile returns the time that a share of the attempts did not take longer than, from 0 to 1:
// 0.5 is the median. It is zero when there was no attempt.
func (l *Latency) Quantile(share float64) time.Duration {
	wanted := share * float64(l.Count())
	for bucket, n := range l.counts {
		if n == 0 || wanted > float64(n) {
			wanted -= float64(n)
			continue
		}
		from, to := bounds(bucket)
		return time.Duration(from + (to-from)*wanted/float64(n))
	}
	return 0
}

// BucketedLatency is the latency of a route in a stretch of time.
type BucketedLatency struct {
	Bucket int // which one, from 0
	Route  string
	Latency
}

// Latencies returns how long attempts took since a time, in buckets of whole minutes, ordered by
// them and by route.
func (s *Store) Latencies(ctx context.Context, since time.Time, bucket time.Duration) ([]BucketedLatency, error) {
	from, width := since.Unix()/60, max(int64(bucket/time.Minute), 1)
	q := new(query).add("SELECT part, route, bucket, CAST(SUM(n) AS BIGINT) FROM (SELECT (minute - ?) / ? AS part, route, bucket, n FROM latencies WHERE minute >= ?) t"+
		" GROUP BY part, route, bucket ORDER BY part, route", from, width, from)
	var all []BucketedLatency
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var one BucketedLatency
		var at int
		var n int64
		if err := scan(&one.Bucket, &one.Route, &at, &n); err != nil {
			return err
		}
		if last := len(all) - 1; last < 0 || all[last].Bucket != one.Bucket || all[last].Route != one.Route {
			all = append(all, one)
		}
		all[len(all)-1].counts[min(max(at, 0), lastBucket)] += n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the latencies: %w", err)
	}
	return all, nil
}
