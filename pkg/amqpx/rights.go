package amqpx

import (
	"context"
	"fmt"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"
)

// The kinds of Right.
const (
	Configure = "configure"
	Write     = "write"
	Read      = "read"
)

// Right is something that a user may do with what has a name. RabbitMQ makes no
// difference between queues and exchanges in this. The default exchange is amq.default.
type Right struct{ Kind, Name string }

// nowhere is an exchange that does not exist.
const nowhere = "penstock.nowhere"

// Lacking returns those of the rights that the user of cfg does not have. It changes
// nothing and takes no message: it asks for what cannot be done, and looks whether the
// broker refuses because of the user or because of the rest. Topic permissions are not
// looked at.
func Lacking(ctx context.Context, cfg Config, rights []Right) ([]Right, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s, err := dial(ctx, cfg.withDefaults())
	if err != nil {
		return nil, err
	}
	defer s.close()
	d := declarer{session: s}
	var lacking []Right
	for _, r := range rights {
		has := true
		err := d.ask(ctx, r.Kind+" "+r.Name, r.probe, func(refused *amqp.Error) {
			has = refused.Code != amqp.AccessRefused || isAbout(refused, nowhere)
		})
		if err != nil {
			return nil, fmt.Errorf("look at permissions: %w", err)
		}
		if !has {
			lacking = append(lacking, r)
		}
	}
	return lacking, nil
}

// probe asks for what needs the right and fails in any case. The broker looks at the
// right first.
func (r Right) probe(ch *amqp.Channel) error {
	switch r.Kind {
	case Configure:
		_, err := ch.QueueDeclare(r.Name, true, false, false, false, amqp.Table{"x-expires": "no number"})
		return err
	case Write:
		return ch.QueueUnbind(r.Name, "", nowhere, nil)
	default:
		_, err := ch.Consume(r.Name, "", false, false, false, false, amqp.Table{"x-priority": "no number"})
		return err
	}
}

// isAbout reports whether a refusal names a thing.
func isAbout(refused *amqp.Error, name string) bool {
	return strings.Contains(refused.Reason, "'"+name+"'")
}
