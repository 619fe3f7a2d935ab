package topology

import (
	"fmt"
	"slices"
	"strings"

	"github.com/penstock/penstock/pkg/amqpx"
)

// What processes before version 1 delayed messages by: a level for each bit of a delay, each
// of which went on to the next one, and Ready, which went to the routes. New processes
// neither declare them nor publish there. What waits in them arrives all the same, because
// the queues and bindings are still there, until 'penstock topology prune' removes them.
const (
	Ready = "penstock.ready" // topic exchange

	bitLevels = 20
)

// BitLevel names the exchange and the queue of one bit of a delay; bit 0 is 1 s.
func BitLevel(bit int) string { return fmt.Sprintf("%s.%02d", Delay, bit) }

// IsBitLevel reports whether an exchange or a queue is that of a bit of a delay.
func IsBitLevel(name string) bool { return strings.HasPrefix(name, Delay+".") }

// ObsoleteExchanges returns those of the exchanges by which processes before version 1
// delayed messages.
func ObsoleteExchanges(exchanges []string) []string {
	return slices.DeleteFunc(slices.Clone(exchanges), func(e string) bool { return e != Ready && !IsBitLevel(e) })
}

// BitLevels is the topology by which processes before version 1 delayed messages, without
// the bindings of routes.
func BitLevels() amqpx.Topology {
	t := amqpx.Topology{Exchanges: []amqpx.Exchange{{Name: Ready, Kind: topic, Args: map[string]any{"alternate-exchange": Orphan}}}}
	for bit := range bitLevels {
		name := BitLevel(bit)
		t.Exchanges = append(t.Exchanges, amqpx.Exchange{Name: name, Kind: topic})
		t.Queues = append(t.Queues, amqpx.Queue{Name: name, Args: quorum(map[string]any{
			"x-message-ttl":          int64(1000) << bit,
			"x-dead-letter-exchange": below(bit),
			"x-dead-letter-strategy": "at-least-once",
		})})
		t.Bindings = append(t.Bindings,
			amqpx.Binding{Source: name, Key: bitPattern(bit, "1"), Queue: name},
			amqpx.Binding{Source: name, Key: bitPattern(bit, "0"), Exchange: below(bit)})
	}
	return t
}

// bitPattern matches the keys in which the bit has the value, '0' or '1'.
func bitPattern(bit int, value string) string {
	return strings.Repeat("*.", bitLevels-1-bit) + value + "." + strings.Repeat("*.", bit) + "#"
}

// below names the exchange that a bit's messages go on to.
func below(bit int) string {
	if bit == 0 {
		return Ready
	}
	return BitLevel(bit - 1)
}
