package app

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// How much garbage may gather before it is collected: half as much as there is memory in
// use, but at least garbageFloor. Go's own rule is as much as there is in use. That is too
// little for a gateway with a few megabytes in use, which makes as much again many times a
// second: collecting it each time costs a tenth of its processor time. And it is too much
// for one with thousands of idle connections, which have hundreds of megabytes in use.
const (
	garbageFloor   = 48 << 20 // bytes
	garbageLook    = time.Second
	leastGarbage   = 50  // percent of the memory in use
	usualGarbage   = 100 // Go's own
	mostGarbage    = 1600
	garbageChanges = 25 // smaller ones, in percent points, are not worth stopping the world
)

// paceGarbage keeps to that until ctx is done. Whoever sets GOGC decides instead.
func paceGarbage(ctx context.Context) {
	if _, set := os.LookupEnv("GOGC"); set {
		return
	}
	ticks := time.NewTicker(garbageLook)
	defer ticks.Stop()
	before := usualGarbage
	defer debug.SetGCPercent(usualGarbage)
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		if now := garbagePercent(inUse()); max(now, before)-min(now, before) >= garbageChanges {
			debug.SetGCPercent(now)
			before = now
		}
	}
}

// inUse is how many bytes the last collection has found in use.
func inUse() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// garbagePercent is how much garbage may gather, in percent of what is in use.
func garbagePercent(used uint64) int {
	if used == 0 {
		return mostGarbage
	}
	return int(min(max(garbageFloor*100/used, leastGarbage), mostGarbage))
}
