package app

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// How much garbage may gather before it is collected: as much as there is memory in use,
// as always in Go, but at least garbageFloor. A gateway has a few megabytes in use, and
// makes as much garbage again many times a second: collecting it each time costs a tenth
// of its processor time.
const (
	garbageFloor   = 48 << 20 // bytes
	garbageLook    = time.Second
	leastGarbage   = 100 // percent of the memory in use
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
	before := leastGarbage
	defer func() { debug.SetGCPercent(leastGarbage) }()
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
