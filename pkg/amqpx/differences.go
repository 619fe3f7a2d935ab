package amqpx

import (
	"context"
	"errors"
	"maps"
	"strconv"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Difference is one argument that an object has otherwise than it was wanted.
type Difference struct{ Argument, Wanted, Found string }

// mostDifferences bounds how often the broker is asked about one queue.
const mostDifferences = 16

// kinds are the arguments and properties in which another value means another kind of queue.
var kinds = map[string]bool{"x-queue-type": true, "durable": true, "auto_delete": true, "exclusive": true}

// differences finds all of them. The broker names the first one only, so it is asked again
// with that one as it has it, until it agrees. It is never told another type of queue:
// should the queue vanish meanwhile, this makes none that is worse than the wanted one.
func (d *declarer) differences(ctx context.Context, q Queue, m *MismatchError) error {
	args := maps.Clone(q.Args)
	for next := m; next != nil && len(m.Differences) < mostDifferences; {
		if next.Argument == "" {
			return nil
		}
		m.Differences = append(m.Differences, Difference{next.Argument, next.Wanted, next.Found})
		if kinds[next.Argument] {
			return nil
		}
		adopt(args, next)
		var err error
		if next, err = d.compare(ctx, q.Name, args); err != nil {
			return err
		}
	}
	return nil
}

// compare returns the first difference between a queue and the arguments, or nil.
func (d *declarer) compare(ctx context.Context, name string, args map[string]any) (first *MismatchError, err error) {
	err = d.ask(ctx, KindQueue+" "+name, func(ch *amqp.Channel) error {
		_, err := ch.QueueDeclare(name, true, false, false, false, args)
		return err
	}, func(refused *amqp.Error) {
		first, _ = errors.AsType[*MismatchError](mismatch(KindQueue, name, args, refused))
	})
	return first, err
}

// adopt gives an argument the value that the broker has.
func adopt(args map[string]any, m *MismatchError) {
	if m.Found == "none" {
		delete(args, m.Argument)
		return
	}
	switch number, err := strconv.ParseInt(m.Found, 10, 64); {
	case err == nil && m.Argument != "x-max-age":
		args[m.Argument] = number
	case m.Found == "true", m.Found == "false":
		args[m.Argument] = m.Found == "true"
	default:
		args[m.Argument] = m.Found
	}
}

// anotherKind is the advice about a queue that cannot take the place of the wanted one.
const anotherKind = "another kind of queue is in the way: move what it holds to a queue of another name, and delete it; then the right one is made"

// advise chooses what to do about the differences.
func (m *MismatchError) advise(q Queue) {
	if !m.sameKind() {
		m.Advice = anotherKind
		return
	}
	for _, d := range m.Differences {
		if advice := q.Advice[d.Argument]; advice != "" {
			m.Advice = advice
			return
		}
	}
}

// sameKind reports whether a queue differs in what it does with the messages, and not in
// how safe they are there.
func (m *MismatchError) sameKind() bool {
	for _, d := range m.Differences {
		if kinds[d.Argument] {
			return false
		}
	}
	return len(m.Differences) > 0
}
