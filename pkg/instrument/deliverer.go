package instrument

// deliverer returns what the deliverer, and any program with package consume, tells
// about events.
func deliverer() []Metric {
	on := []string{Deliverer}
	byRoute := []string{"route"}
	return []Metric{
		{Name: "penstock.returns", Kind: Counter, Labels: []string{"outcome"}, Processes: on,
			Help: "Messages that have waited, by what became of them: `moved` to a queue of the route, `passed_on` to a level for what is left, `delayed_again` because no queue of the route took them, or `orphan` because the route is gone."},
		{Name: "penstock.return.lateness", Kind: Histogram, Unit: "s", Processes: on,
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300},
			Help:    "How late a message that has waited came to a queue of its route."},
		{Name: "penstock.attempts", Kind: Counter, Labels: []string{"route", "outcome", "reason"}, Processes: on,
			Help: "Events that went through a route's pipeline, by what became of them and why."},
		{Name: "penstock.attempt.duration", Kind: Histogram, Unit: "s", Labels: []string{"route", "outcome"}, Processes: on,
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
			Help:    "Time from an event's delivery by the broker to the decision about it."},
		{Name: "penstock.attempts.running", Kind: Gauge, Labels: byRoute, Processes: on,
			Help: "Events that are being handled or settled."},
		{Name: "penstock.first_attempt.delay", Kind: Histogram, Unit: "s", Labels: byRoute, Processes: on, Buckets: long(),
			Help: "Time from an event's acceptance to its first attempt, without the route's delay."},
		{Name: "penstock.delivery.duration", Kind: Histogram, Unit: "s", Labels: byRoute, Processes: on, Buckets: long(),
			Help: "Time from an event's acceptance to its delivery, without the route's delay."},
		{Name: "penstock.slo.delivery", Kind: Counter, Labels: []string{"route", "met"}, Processes: on,
			Help: "Events that count for the objective of delivering within a minute of acceptance, the route's delay not counted. One that misses it is counted as soon as that is known, and once."},
		{Name: "penstock.route.paused", Kind: Gauge, Labels: byRoute, Processes: on,
			Help: "1 while a route consumes nothing, because its destination or the broker asked for a pause."},
		{Name: "penstock.ordering.partitions", Kind: Gauge, Labels: byRoute, Processes: on,
			Help: "Partitions of an ordered route that this process works. Over all processes it is as many as the route has."},
		{Name: "penstock.ordering.parked", Kind: Gauge, Labels: byRoute, Processes: on,
			Help: "Events of an ordered route that wait for the next attempt of the first one of their key."},
		{Name: "penstock.ordering.full", Kind: Gauge, Labels: byRoute, Processes: on,
			Help: "Partitions whose parked events are as many as there may be: further keys wait there, too."},
		{Name: "penstock.unsettled", Kind: Counter, Labels: byRoute, Processes: on,
			Help: "Events that could not be settled and will come again."},
		{Name: "penstock.dead.refused", Kind: Counter, Labels: byRoute, Processes: on,
			Help: "Dead letters that the route's queue of dead letters refused, because it is full or gone. Each waits, and comes to it again."},
		{Name: "penstock.breaker.state", Kind: Gauge, Labels: []string{"destination"}, Processes: on,
			Help: "The state of a destination's circuit breaker: 0 closed, 1 half open, 2 open."},
	}
}

// long are bounds for what takes milliseconds when all is well, and days when a
// destination is down.
func long() []float64 {
	return []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 21600, 86400, 259200}
}
