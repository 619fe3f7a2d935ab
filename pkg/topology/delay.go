package topology

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"github.com/penstock/penstock/pkg/amqpx"
)

// LongestLevel is the longest that a message waits in one level, in seconds: eighteen
// hours. A longer delay passes several times.
const LongestLevel = 1 << 16

const levelPrefix = "penstock.level."

// Levels returns the delay levels in seconds, the shortest first. They have two significant
// bits: 1, 2, 3, 4, 6, 8, 12, 16, 24 and so on. Each is at most half as long again as the
// one before it, so one of them is within a jitter of a fifth of any delay.
func Levels() []int {
	levels := []int{1}
	for n := 2; n < LongestLevel; n *= 2 {
		levels = append(levels, n, n+n/2)
	}
	return append(levels, LongestLevel)
}

// Level returns the longest level that is no longer than so many seconds; the shortest one
// for less than one second.
func Level(seconds int) int {
	seconds = min(max(seconds, 1), LongestLevel)
	top := bits.Len(uint(seconds)) - 1
	if top > 0 {
		return seconds >> (top - 1) << (top - 1)
	}
	return 1
}

// LevelQueue names the queue of a level. It is also the key by which [Delay] reaches it.
func LevelQueue(seconds int) string { return fmt.Sprintf("%s%05d", levelPrefix, seconds) }

// LevelOf returns the seconds of the level that a queue is of, and whether it is of one.
func LevelOf(queue string) (seconds int, ok bool) {
	digits, ok := strings.CutPrefix(queue, levelPrefix)
	seconds, err := strconv.Atoi(digits)
	return seconds, ok && err == nil && seconds > 0
}

// addLevels adds the levels. What has waited in one goes to Return, and never to another
// level: a level is held up by the one queue alone.
func addLevels(t *amqpx.Topology) {
	t.Queues = append(t.Queues, amqpx.Queue{Name: Return, Args: keep()}, amqpx.Queue{Name: Canary, Args: newest(mostCanaries)})
	t.Bindings = append(t.Bindings, byName(Return), byName(Canary))
	for _, seconds := range Levels() {
		name := LevelQueue(seconds)
		t.Queues = append(t.Queues, amqpx.Queue{Name: name, Args: quorum(map[string]any{
			"x-message-ttl":             int64(seconds) * 1000,
			"x-dead-letter-exchange":    Routes,
			"x-dead-letter-routing-key": Return,
			"x-dead-letter-strategy":    "at-least-once",
		})})
		t.Bindings = append(t.Bindings, amqpx.Binding{Source: Delay, Key: name, Queue: name})
	}
}

// mostCanaries bounds the canaries that wait to be looked at.
const mostCanaries = 1000
