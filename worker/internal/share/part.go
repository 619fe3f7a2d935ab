package share

import (
	"hash/fnv"
	"slices"
)

// Limits are what all deliverers together may use of a destination.
type Limits struct {
	Destination string
	Slots       int // attempts at once; 0: each deliverer has a limit of its own
	InUse       int // attempts that are under way in this process
}

// Part is what one deliverer may use of a destination.
type Part struct {
	Slots int     // attempts at once
	Rate  float64 // of the destination's rate, 0 to 1
}

// divide returns the part of each deliverer. Each gets the same part of the rate, and as many
// slots as the others, or one more. Who has more attempts under way than slots keeps the
// others from beginning as many, until they end.
func divide(l Limits, inUse map[string]int) map[string]Part {
	parts := make(map[string]Part, len(inUse))
	ids := ranked(l.Destination, inUse)
	excess := 0
	for rank, id := range ids {
		p := Part{Rate: 1 / float64(len(ids)), Slots: l.Slots / len(ids)}
		if rank < l.Slots%len(ids) {
			p.Slots++
		}
		if l.Slots > 0 && p.Slots == 0 {
			p.Rate = 0
		}
		excess += max(0, inUse[id]-p.Slots)
		parts[id] = p
	}
	if l.Slots > 0 {
		withhold(parts, ids, inUse, excess)
		evenOut(parts, min(l.Slots, len(ids)))
	}
	return parts
}

// evenOut gives the rate to those that may make attempts at all.
func evenOut(parts map[string]Part, able int) {
	for id, p := range parts {
		if p.Rate > 0 {
			p.Rate = 1 / float64(able)
			parts[id] = p
		}
	}
}

// withhold takes as many slots from those that do not use theirs as others use too many, one
// after the other.
func withhold(parts map[string]Part, ids []string, inUse map[string]int, excess int) {
	for took := true; excess > 0 && took; {
		took = false
		for _, id := range ids {
			if p := parts[id]; excess > 0 && p.Slots > inUse[id] {
				p.Slots--
				parts[id] = p
				excess--
				took = true
			}
		}
	}
}

// ranked is the order in which deliverers get what cannot be divided. It is another one for
// each destination, so that no deliverer comes first everywhere.
func ranked(destination string, inUse map[string]int) []string {
	ids := make([]string, 0, len(inUse))
	for id := range inUse {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		x, y := rankOf(destination, a), rankOf(destination, b)
		switch {
		case x < y || x == y && a < b:
			return -1
		default:
			return 1
		}
	})
	return ids
}

func rankOf(destination, id string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(destination + "\x00" + id)) // it never fails
	return h.Sum64()
}
