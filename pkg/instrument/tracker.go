package instrument

// tracker returns what the tracker tells about itself, and about all events.
func tracker() []Metric {
	on := []string{Tracker}
	byStream := []string{"stream"}
	return []Metric{
		{Name: "penstock.tracker.active", Kind: Gauge, Processes: on,
			Help: "1 while this tracker writes to the store, 0 while another one does."},
		{Name: "penstock.tracker.records", Kind: Counter, Labels: byStream, Processes: on,
			Help: "Records that were stored, by the stream that they came from."},
		{Name: "penstock.tracker.malformed", Kind: Counter, Labels: byStream, Processes: on,
			Help: "Entries of a stream that could not be read and were skipped."},
		{Name: "penstock.tracker.gaps", Kind: Counter, Labels: byStream, Processes: on,
			Help: "Stretches of a stream that were gone before they were read."},
		{Name: "penstock.tracker.batch.duration", Kind: Histogram, Unit: "s", Processes: on,
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
			Help:    "Time that the store took for a batch."},
		{Name: "penstock.tracker.deleted", Kind: Counter, Processes: on,
			Help: "Events that were deleted because of their age."},
		{Name: "penstock.tracker.newest.age", Kind: Gauge, Unit: "s", Labels: byStream, Processes: on,
			Help: "Time since the newest entry that was read was published, by stream. It grows while a stream is quiet, too."},
		{Name: "penstock.tracker.lag", Kind: Gauge, Unit: "s", Labels: byStream, Processes: on,
			Help: "How far the store is behind a stream: the age of the oldest entry that was read and is not stored, or that of the last one when it was stored."},
		{Name: "penstock.tracker.stream.age", Kind: Gauge, Unit: "s", Labels: byStream, Processes: on,
			Help: "Age of the oldest entry that a stream still holds. A tracker whose lag comes near it loses entries."},
		{Name: "penstock.backlog.events", Kind: Gauge, Labels: []string{"route"}, Processes: on,
			Help: "Events of a route that are neither delivered nor given up: they wait for their first or next attempt. The active tracker knows them."},
		{Name: "penstock.dead.events", Kind: Gauge, Labels: []string{"route"}, Processes: on,
			Help: "Dead letters of a route, which wait for a person to replay or discard them. The active tracker knows them."},
		{Name: "penstock.oldest_waiting.age", Kind: Gauge, Unit: "s", Labels: []string{"route"}, Processes: on,
			Help: "Age of the oldest event of a route that is neither delivered nor given up; 0 when none waits. The active tracker knows it."},
		{Name: "penstock.oldest_pending.age", Kind: Gauge, Unit: "s", Labels: []string{"route"}, Processes: on,
			Help: "Age of the oldest event of a route that waits for its first attempt; 0 when none waits. Deliverers can be scaled by it. The active tracker knows it."},
		{Name: "penstock.route.ready.events", Kind: Gauge, Labels: []string{"route"}, Processes: on,
			Help: "Events that are ready in the queues of a route. Delayed retries are in other queues. The active tracker asks the broker; what it cannot ask is not there."},
		{Name: "penstock.route.deferred.events", Kind: Gauge, Labels: []string{"route"}, Processes: on,
			Help: "Of those, the events in the route's deferred queue: the route's own queue did not take them. The active tracker asks the broker."},
		{Name: "penstock.route.consumers", Kind: Gauge, Labels: []string{"route"}, Processes: on,
			Help: "Consumers of a route's queue; 0 when the queue is gone, too. A paused deliverer consumes nothing. The active tracker asks the broker."},
		{Name: "penstock.stray.events", Kind: Gauge, Labels: []string{"queue"}, Processes: on,
			Help: "Events that have no route: `orphan` those whose route is gone, `unrouted` those that no route took while there was no archive. The active tracker asks the broker."},
		{Name: "penstock.delay.lateness", Kind: Gauge, Unit: "s", Labels: []string{"queue"}, Processes: on,
			Help: "How late a delay level lets go of what has waited in it, for each level in which something waits. The active tracker sends canaries through them."},
		{Name: "penstock.unaccounted.events", Kind: Gauge, Labels: []string{"route"}, Processes: on,
			Help: "Events that are in flight by their records, and nowhere in the broker, by route. The active tracker knows them; it must be 0."},
	}
}
