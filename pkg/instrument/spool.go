package instrument

// quarantine returns what the gateway tells about requests that failed verification and
// are kept.
func quarantine() []Metric {
	on := []string{Gateway}
	return []Metric{
		{Name: "penstock.quarantined", Kind: Counter, Labels: []string{"source"}, Processes: on,
			Help: "Requests that failed verification and were put into the quarantine."},
		{Name: "penstock.quarantine.dropped", Kind: Counter, Labels: []string{"source"}, Processes: on,
			Help: "Requests that failed verification and were not put into the quarantine, because there was no room or the broker did not take them."},
	}
}

// spool returns what the gateway tells about the events that it keeps on disk while the
// broker takes none.
func spool() []Metric {
	on := []string{Gateway}
	return []Metric{
		{Name: "penstock.spooled", Kind: Counter, Labels: []string{"source"}, Processes: on,
			Help: "Accepted events that were written to disk, because the broker took none."},
		{Name: "penstock.spool.drained", Kind: Counter, Processes: on,
			Help: "Events from the spool that the broker confirmed."},
		{Name: "penstock.spool.kept", Kind: Counter, Processes: on,
			Help: "Events in the spool that can never be published; their files stay on disk."},
		{Name: "penstock.spool.events", Kind: Gauge, Processes: on,
			Help: "Events on disk that are not published yet."},
		{Name: "penstock.spool.bytes", Kind: Gauge, Unit: "By", Processes: on,
			Help: "Bytes that the spool takes on disk."},
		{Name: "penstock.spool.limit.bytes", Kind: Gauge, Unit: "By", Processes: on,
			Help: "Bytes that the spool may take on disk; past them, events are answered 503."},
		{Name: "penstock.spool.oldest", Kind: Gauge, Unit: "s", Processes: on,
			Help: "Age of the oldest event on disk that is not published yet."},
	}
}
