// Package refusal is how gateways tell trackers which requests they refused: as counts by
// source and reason. The names of sources are the configuration's, and the reasons a closed
// set, so nothing that a sender chose is in it. With them go the repetitions of accepted events, by the
// ids that Penstock gave them.
//
// A gateway publishes what it has counted since its last report:
//
//	m, err := refusal.Encode(refusal.Report{Instance: instance, Number: 7, At: now, Counts: counts})
//	err = publisher.Publish(ctx, amqpx.Publication{Exchange: topology.Refused, Message: m})
//
// A report that was not confirmed is published again with the same number, and whoever
// adds up leaves out a number that it has had of the instance:
//
//	report, err := refusal.Decode(message)
//
// So each refusal is counted once, whatever crashes in between, but for what a gateway that
// is killed had not told yet: five seconds at most.
package refusal
