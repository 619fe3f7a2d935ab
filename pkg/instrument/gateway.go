package instrument

// gateway returns what the gateway tells about requests.
func gateway() []Metric {
	on := []string{Gateway}
	bySource := []string{"source"}
	return []Metric{
		{Name: "penstock.received", Kind: Counter, Labels: bySource, Processes: on,
			Help: "Requests to a source; `_unknown` stands for all names that no source has."},
		{Name: "penstock.accepted", Kind: Counter, Labels: bySource, Processes: on,
			Help: "Events that are safe, in the broker or in the spool, and the sender was told so."},
		{Name: "penstock.accepted.bytes", Kind: Counter, Unit: "By", Labels: bySource, Processes: on,
			Help: "Bytes of the bodies of accepted events, as they arrived."},
		{Name: "penstock.refused", Kind: Counter, Labels: []string{"source", "reason"}, Processes: on,
			Help: "Requests that were refused, by reason."},
		{Name: "penstock.verified", Kind: Counter, Labels: []string{"source", "method", "key"}, Processes: on,
			Help: "Requests that proved who sent them. `key` is the place of the secret in the source's list, from 0, or the name that the configuration gives a key."},
		{Name: "penstock.duplicates", Kind: Counter, Labels: bySource, Processes: on,
			Help: "Events that were accepted before, and are answered as then."},
		{Name: "penstock.dedup.unavailable", Kind: Counter, Labels: bySource, Processes: on,
			Help: "Calls of the deduplication store that failed: duplicates are possible."},
		{Name: "penstock.handshakes", Kind: Counter, Labels: []string{"source", "kind"}, Processes: on,
			Help: "Questions of providers that were answered, by kind."},
		{Name: "penstock.ack.duration", Kind: Histogram, Unit: "s", Labels: bySource, Processes: on, Buckets: short(),
			Help: "Time from a request's header to the reply to an accepted event."},
		{Name: "penstock.slo.ack", Kind: Counter, Labels: []string{"source", "met"}, Processes: on,
			Help: "Requests that count for the objective of acknowledging in time: `met` is `true` when the event was accepted within the sender's deadline, `false` when it came later or was refused for a reason on our side."},
		{Name: "penstock.in_flight", Kind: Gauge, Processes: on,
			Help: "Requests in work."},
		{Name: "penstock.in_flight.limit", Kind: Gauge, Processes: on,
			Help: "Requests that may be in work; more are answered 503."},
		{Name: "penstock.in_flight.bytes", Kind: Gauge, Unit: "By", Processes: on,
			Help: "Bytes of request bodies in work."},
		{Name: "penstock.in_flight.limit.bytes", Kind: Gauge, Unit: "By", Processes: on,
			Help: "Bytes of request bodies that may be in work; more are answered 503."},
		{Name: "penstock.exchange.refused", Kind: Counter, Processes: on,
			Help: "Events that a queue of others, bound to `penstock.events`, refused. Routes and archive have them."},
		{Name: "penstock.tls.certificate.expiry.timestamp", Kind: Gauge, Unit: "s", Processes: on,
			Help: "When the certificate that senders see expires, in seconds since 1970. Not there when TLS ends elsewhere."},
	}
}

// short are bounds for what takes milliseconds when all is well, and seconds in an outage.
func short() []float64 {
	return []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
}
