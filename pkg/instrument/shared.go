package instrument

// shared returns what several processes tell.
func shared() []Metric {
	all := []string{Gateway, Deliverer, Tracker}
	publishers := []string{Gateway, Deliverer}
	return []Metric{
		{Name: "penstock.ready", Kind: Gauge, Processes: all,
			Help: "1 while `/readyz` answers 200, else 0."},
		{Name: "penstock.config.last_reload_success", Kind: Gauge, Processes: all,
			Help: "1 when the configuration file is in force as it is, 0 when it was refused."},
		{Name: "penstock.config.read_time", Kind: Gauge, Unit: "s", Processes: all,
			Help: "When the configuration that is in force was read, as a Unix time. A process that is older than its peers' has not taken a change yet."},
		{Name: "penstock.config.reloads", Kind: Counter, Labels: []string{"result"}, Processes: all,
			Help: "Changes of the configuration file, `accepted` or `refused`. The one at the start counts too."},
		{Name: "penstock.broker.connections", Kind: Gauge, Labels: []string{"use"}, Processes: all,
			Help: "Connections to RabbitMQ that are up, to `publish` or to `consume`."},
		{Name: "penstock.broker.connects", Kind: Counter, Labels: []string{"use"}, Processes: all,
			Help: "Connections to RabbitMQ that were made, the first ones included."},
		{Name: "penstock.broker.blocked", Kind: Gauge, Processes: publishers,
			Help: "1 while RabbitMQ blocks publishers because it is short of memory or disk."},
		{Name: "penstock.topology.refused", Kind: Gauge, Labels: []string{"route"}, Processes: publishers,
			Help: "1 for each route of which RabbitMQ refuses something: a queue is in the way, a limit is reached, a right is missing. `_shared` stands for what all routes share. The log and `/readyz` say what."},
		{Name: "penstock.publish.duration", Kind: Histogram, Unit: "s", Labels: []string{"exchange", "outcome"}, Processes: publishers, Buckets: short(),
			Help: "Time from the start of a publish to the broker's confirm, or to its failure. `status` stands for the status stream."},
		{Name: "penstock.deferred", Kind: Counter, Labels: []string{"queue"}, Processes: publishers,
			Help: "Events, and retries of events, that the deferred queue took, as the queue that they were for did not."},
		{Name: "penstock.queue.shut", Kind: Gauge, Labels: []string{"queue"}, Processes: publishers,
			Help: "1 for each queue that takes no events from this process: they are deferred until a probe gets through. The log and `/readyz` say why."},
	}
}
