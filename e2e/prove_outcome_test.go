//go:build prove

package e2e

import (
	"slices"
	"testing"
	"time"
)

// hiccup is the longest time without an accepted or a delivered event that is not an
// interruption, and late is the longest time from one to the other that is no trace of a fault.
const (
	hiccup = 500 * time.Millisecond
	late   = time.Second
)

// outcome is one row of the table.
type outcome struct {
	name       string
	accepted   int
	delivered  int           // of the accepted ones
	duplicates int           // arrivals of accepted events, beyond the first
	refused    int           // answered with 503
	other      int           // answered with neither 2xx nor 503
	silent     int           // no answer: the connection broke
	pause      time.Duration // longest time in which nothing was accepted
	starved    time.Duration // longest time in which nothing was delivered
	first      time.Duration // from the end of the fault to the first accepted event
	recovery   time.Duration // from the end of the fault until nothing was refused, late or paused any more
	heals      time.Duration // how long recovery may last
	alarms     int           // the most events that the ledger called missing meanwhile
	gone       []sent        // the accepted ones that were not delivered
	slow       []lateness    // the accepted ones that were delivered late
	ended      time.Time     // when the fault was over
}

func (o outcome) lost() int { return o.accepted - o.delivered }

// lateness is an accepted event that was delivered late.
type lateness struct {
	sent

	arrived time.Time
}

// logSlow names some of the events that arrived last, to find out what they waited for.
func (o outcome) logSlow(t *testing.T) {
	t.Helper()
	slices.SortFunc(o.slow, func(a, b lateness) int { return b.arrived.Compare(a.arrived) })
	for _, s := range o.slow[:min(len(o.slow), 5)] {
		t.Logf("%s: late %s, accepted %v after the end of the fault, delivered %v later", o.name, s.id, s.to.Sub(o.ended), s.arrived.Sub(s.to))
	}
}

// tellLost says when the first lost events were sent, to find out why.
func (o outcome) tellLost(t *testing.T) {
	t.Helper()
	for _, s := range o.gone[:min(len(o.gone), 10)] {
		t.Logf("%s: lost %s, sent %v after the end of the fault, accepted %v later", o.name, s.id, s.from.Sub(o.ended), s.to.Sub(s.from))
	}
}

// assess makes an outcome of what the sender and the receiver saw.
func assess(name string, all []sent, r *receiver, ended time.Time) outcome {
	o := outcome{name: name, ended: ended}
	var answers, arrivals []time.Time
	for _, s := range all {
		switch {
		case accepted(s):
			answers = append(answers, s.to)
			came := r.of(s.id)
			o.accepted++
			if len(came) == 0 {
				o.gone = append(o.gone, s)
			} else {
				o.delivered++
				o.duplicates += len(came) - 1
				arrivals = append(arrivals, came[0].at)
				if came[0].at.Sub(s.to) > late {
					o.slow = append(o.slow, lateness{s, came[0].at})
				}
			}
		case silent(s):
			o.silent++
		case refused(s):
			o.refused++
		default:
			o.other++
		}
	}
	slices.SortFunc(answers, time.Time.Compare)
	slices.SortFunc(arrivals, time.Time.Compare)
	o.pause, o.starved = longestGap(answers), longestGap(arrivals)
	if i, _ := slices.BinarySearchFunc(answers, ended, time.Time.Compare); i < len(answers) {
		o.first = answers[i].Sub(ended)
	}
	o.recovery = max(recovery(all, answers, ended), endOfPauses(arrivals, ended), lastOf(o.slow, ended))
	return o
}

func longestGap(times []time.Time) (longest time.Duration) {
	for i := 1; i < len(times); i++ {
		longest = max(longest, times[i].Sub(times[i-1]))
	}
	return longest
}

// recovery is the time from the end of the fault to its last trace in what the sender
// sees: the end of a pause, or a request sent after it that was not accepted.
func recovery(all []sent, answers []time.Time, ended time.Time) (after time.Duration) {
	for _, s := range all {
		if !accepted(s) {
			after = max(after, s.from.Sub(ended))
		}
	}
	return max(after, endOfPauses(answers, ended))
}

// endOfPauses is the time from the end of the fault to the end of the last pause.
func endOfPauses(times []time.Time, ended time.Time) (after time.Duration) {
	for i := 1; i < len(times); i++ {
		if times[i].Sub(times[i-1]) > hiccup {
			after = max(after, times[i].Sub(ended))
		}
	}
	return after
}

// lastOf is the time from the end of the fault to the last late delivery.
func lastOf(late []lateness, ended time.Time) (after time.Duration) {
	for _, s := range late {
		after = max(after, s.arrived.Sub(ended))
	}
	return after
}
