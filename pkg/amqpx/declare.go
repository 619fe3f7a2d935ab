package amqpx

import (
	"context"
	"errors"
	"fmt"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/penstock/penstock/pkg/fault"
)

// Declare makes what is missing, and proves that what was there has the wanted
// arguments. It is idempotent. While no broker can be reached it keeps trying, until
// ctx ends. What no retry mends comes back at once, every object's trouble joined, and
// is fault.IsPermanent: what the broker refuses, which [Refusals] lists, and a broker that is
// too old. All that is not refused is declared and bound nevertheless. A queue that has
// other arguments and still does its work is bound, too.
//
// RabbitMQ accepts arguments that it does not know without a word. Declare therefore
// refuses a broker older than 3.10, the first that knows all that Penstock uses.
func Declare(ctx context.Context, cfg Config, t Topology) error {
	if err := reconcile(ctx, cfg, t, true); err != nil {
		return fmt.Errorf("declare topology: %w", err)
	}
	return nil
}

// Check is Declare without making anything, for a user that may not configure. A
// missing object is reported like a mismatch. The arguments are compared too, up to the
// first object that the user may not configure. What the user may not use at all is not
// looked at, and AMQP has no way to look at bindings.
func Check(ctx context.Context, cfg Config, t Topology) error {
	if err := reconcile(ctx, cfg, t, false); err != nil {
		return fmt.Errorf("check topology: %w", err)
	}
	return nil
}

func reconcile(ctx context.Context, cfg Config, t Topology, create bool) error {
	if err := cfg.Validate(); err != nil {
		return fault.Permanent(err)
	}
	cfg = cfg.withDefaults()
	var wait backoff
	var why error
	for {
		d := declarer{create: create}
		err := d.once(ctx, cfg, t)
		if err == nil || fault.IsPermanent(err) {
			return err
		}
		if why == nil || ctx.Err() == nil { // a try that ctx cut short tells nothing
			why = err
		}
		if !sleep(ctx, wait.next()) {
			return errors.Join(ctx.Err(), why)
		}
	}
}

// declarer walks through a topology on one session.
type declarer struct {
	create  bool
	session *session
	channel *amqp.Channel // nil after a refusal, which closes it
	refused []error
	useless map[string]bool // the exchanges and queues that are refused: true if nothing can be bound to them
	blind   bool            // the user may not compare arguments: the broker would log every try
}

// once is one try. It goes on after a refusal, so that all of them are known, and what is
// not refused works.
func (d *declarer) once(ctx context.Context, cfg Config, t Topology) error {
	s, err := dial(ctx, cfg)
	if err != nil {
		return err
	}
	defer s.close()
	if err := checkBroker(s.conn.Properties); err != nil {
		return fault.Permanent(err)
	}
	d.session, d.useless = s, map[string]bool{}
	if err := d.walk(ctx, t); err != nil {
		return err
	}
	return fault.Permanent(errors.Join(d.refused...))
}

func (d *declarer) walk(ctx context.Context, t Topology) error {
	for _, e := range t.Exchanges {
		if err := d.exchange(ctx, e); err != nil {
			return err
		}
	}
	for _, q := range t.Queues {
		if err := d.queue(ctx, q); err != nil {
			return err
		}
	}
	if !d.create {
		return nil
	}
	for _, b := range t.Bindings {
		if err := d.binding(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

func (d *declarer) exchange(ctx context.Context, e Exchange) error {
	passive := func(ch *amqp.Channel) error {
		return ch.ExchangeDeclarePassive(e.Name, e.Kind, true, false, false, false, e.Args)
	}
	active := func(ch *amqp.Channel) error {
		return ch.ExchangeDeclare(e.Name, e.Kind, true, false, false, false, e.Args)
	}
	refusal, err := d.object(ctx, wanted{kind: KindExchange, name: e.Name, args: e.Args}, passive, active)
	if refusal != nil {
		d.refuse(refusal)
	}
	return err
}

func (d *declarer) queue(ctx context.Context, q Queue) error {
	if _, refused := d.useless[KindQueue+q.With]; refused {
		return nil
	}
	passive := func(ch *amqp.Channel) error {
		_, err := ch.QueueDeclarePassive(q.Name, true, false, false, false, nil)
		return err
	}
	active := func(ch *amqp.Channel) error {
		_, err := ch.QueueDeclare(q.Name, true, false, false, false, q.Args)
		return err
	}
	refusal, err := d.object(ctx, wanted{KindQueue, q.Name, q.Args}, passive, active)
	if refusal == nil || err != nil {
		return err
	}
	if m, ok := errors.AsType[*MismatchError](refusal.Err); ok {
		if err := d.differences(ctx, q, m); err != nil {
			return err
		}
		m.advise(q)
		refusal.Usable = m.sameKind()
	}
	d.refuse(refusal)
	return nil
}

// refuse notes a refusal.
func (d *declarer) refuse(r *RefusedError) {
	d.refused = append(d.refused, r)
	d.useless[r.Kind+r.Name] = !r.Usable
}

// binding binds what is there.
func (d *declarer) binding(ctx context.Context, b Binding) error {
	to, name := KindQueue, b.Queue
	if b.Queue == "" {
		to, name = KindExchange, b.Exchange
	}
	if d.useless[to+name] || d.useless[KindExchange+b.Source] {
		return nil
	}
	return d.ask(ctx, "binding of "+name+" to "+b.Source, func(ch *amqp.Channel) error {
		if to == KindQueue {
			return ch.QueueBind(b.Queue, b.Key, b.Source, false, nil)
		}
		return ch.ExchangeBind(b.Exchange, b.Key, b.Source, false, nil)
	}, func(refused *amqp.Error) {
		d.refused = append(d.refused, &RefusedError{Kind: KindBinding, Name: name, From: b.Source, Err: refused})
	})
}

// wanted is an exchange or a queue.
type wanted struct {
	kind, name string
	args       map[string]any
}

// object declares an exchange or a queue, and returns what is refused, if anything is. When
// only checking, it first makes sure that the object is there, so that declaring it cannot
// make it.
func (d *declarer) object(ctx context.Context, w wanted, passive, active func(*amqp.Channel) error) (refusal *RefusedError, err error) {
	what, seen := w.kind+" "+w.name, true
	refuse := func(refused *amqp.Error) {
		refusal = &RefusedError{Kind: w.kind, Name: w.name, Err: explainRefusal(w, refused)}
	}
	if !d.create {
		err := d.ask(ctx, what, passive, func(refused *amqp.Error) {
			seen = false
			if refused.Code != amqp.AccessRefused { // since 4.3 one has to have some right to look at it: it is nothing to this user
				refuse(refused)
			}
		})
		if err != nil || !seen || d.blind {
			return refusal, err
		}
	}
	err = d.ask(ctx, what, active, func(refused *amqp.Error) {
		if refused.Code == amqp.AccessRefused && !d.create {
			d.blind = true // it is there; this user may not compare its arguments
			return
		}
		refuse(refused)
	})
	return refusal, err
}

// ask runs one exchange with the broker. A refusal it gives to refused; any other failure
// is returned.
func (d *declarer) ask(ctx context.Context, what string, exchange func(*amqp.Channel) error, refused func(*amqp.Error)) error {
	if d.channel == nil {
		ch, err := d.session.channel(ctx)
		if err != nil {
			return err
		}
		d.channel = ch
	}
	err := d.session.call(ctx, what, func() error { return exchange(d.channel) })
	answer, ok := errors.AsType[*amqp.Error](err)
	if !ok || !isRefusal(answer) {
		return explainKind(err)
	}
	d.channel = nil
	refused(answer)
	return nil
}

// isRefusal tells the channel errors that come again at every try from a broker that
// is in trouble or going down.
func isRefusal(err *amqp.Error) bool {
	switch err.Code {
	case amqp.PreconditionFailed, amqp.AccessRefused, amqp.ResourceLocked:
		return err.Server
	case amqp.NotFound: // or its node is down for now
		return err.Server && !strings.Contains(err.Reason, "down or inaccessible")
	default:
		return false
	}
}
