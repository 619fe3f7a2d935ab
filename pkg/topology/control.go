package topology

import "github.com/penstock/penstock/pkg/amqpx"

// The streams, or queues, by which trackers, deliverers and gateways know of each other.
const (
	Control = "penstock.control" // what people want: which destinations are paused
	Reports = "penstock.reports" // how deliverers see their destinations, and what gateways refused

	// Refused is the fanout exchange by which gateways reach Reports, and nothing else: a
	// gateway must not be able to write to every queue.
	Refused = "penstock.refused"
)

// segment is the size of a segment of the two, in bytes: only whole ones are ever
// deleted, and they hold little.
const segment = 1 << 20

// mostReports bounds the queue that takes the place of Reports: of an hour of it, where no
// tracker runs.
const mostReports = 2000

func (p Plan) controls() []amqpx.Queue {
	if p.NoStreams {
		return []amqpx.Queue{{Name: Control, Args: newest(1)}, {Name: Reports, Args: newest(mostReports)}}
	}
	queues := []amqpx.Queue{
		{Name: Control, Args: stream("30D", 8*segment)},
		{Name: Reports, Args: stream("1h", 16*segment)},
	}
	for _, q := range queues {
		q.Args["x-stream-max-segment-size-bytes"] = int64(segment)
	}
	return queues
}
