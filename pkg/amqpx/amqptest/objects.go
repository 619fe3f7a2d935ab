package amqptest

import (
	"context"
	"errors"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
)

// Object is an exchange, a queue or a binding of a virtual host.
type Object struct {
	Exchange, Queue string // one of them, or of a binding: its destination
	Kind            string // of an exchange
	Args            map[string]any

	Source, Key string // of a binding
}

// String names the object.
func (o Object) String() string {
	kind, name := "queue ", o.Queue
	if o.Exchange != "" {
		kind, name = "exchange ", o.Exchange
	}
	if o.Source == "" {
		return kind + name
	}
	return "binding of " + kind + name + " to " + o.Source + " by " + o.Key
}

// IsBinding reports whether it is neither an exchange nor a queue.
func (o Object) IsBinding() bool { return o.Source != "" }

// Objects returns everything in the virtual host that the broker did not make by itself.
func (v *Vhost) Objects(tb testing.TB) []Object {
	tb.Helper()
	all, err := v.objects()
	require.NoError(tb, err)
	return all
}

// objects fails while the broker deletes some: then its interface may answer 500.
func (v *Vhost) objects() (all []Object, err error) {
	var exchanges, queues []struct {
		Name      string
		Type      string
		Arguments map[string]any
	}
	if err := errors.Join(v.look("exchanges", &exchanges), v.look("queues", &queues)); err != nil {
		return nil, err
	}
	for _, e := range exchanges {
		if e.Name != "" && !strings.HasPrefix(e.Name, "amq.") {
			all = append(all, Object{Exchange: e.Name, Kind: e.Type, Args: whole(e.Arguments)})
		}
	}
	for _, q := range queues {
		all = append(all, Object{Queue: q.Name, Args: whole(q.Arguments)})
	}
	bindings, err := v.bindings()
	return append(all, bindings...), err
}

func (v *Vhost) bindings() (all []Object, err error) {
	var bindings []struct {
		Source, Destination string
		To                  string `json:"destination_type"`
		Key                 string `json:"routing_key"`
		Arguments           map[string]any
	}
	err = v.look("bindings", &bindings)
	for _, b := range bindings {
		o := Object{Source: b.Source, Key: b.Key, Args: whole(b.Arguments)}
		switch {
		case b.Source == "":
			continue // every queue has it
		case b.To == "queue":
			o.Queue = b.Destination
		default:
			o.Exchange = b.Destination
		}
		all = append(all, o)
	}
	return all, err
}

// look asks the management interface for all objects of a kind.
func (v *Vhost) look(kind string, out any) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return v.management.send(ctx, http.MethodGet, "/api/"+kind+"/"+v.Name, nil, out)
}

// whole makes whole numbers of what JSON makes fractions of.
func whole(args map[string]any) map[string]any {
	out := maps.Clone(args)
	for k, value := range out {
		if n, ok := value.(float64); ok && n == math.Trunc(n) {
			out[k] = int64(n)
		}
	}
	return out
}

// Missing returns which of these objects are not there, or why that cannot be known.
func (v *Vhost) Missing(wanted []Object) (missing []string) {
	there := map[string]bool{}
	all, err := v.objects()
	if err != nil {
		return []string{err.Error()}
	}
	for _, o := range all {
		there[o.String()] = true
	}
	for _, o := range wanted {
		if !there[o.String()] {
			missing = append(missing, o.String())
		}
	}
	slices.Sort(missing)
	return missing
}

// Remove deletes objects, one after another.
func (v *Vhost) Remove(tb testing.TB, objects ...Object) {
	tb.Helper()
	v.operate(tb, objects, func(ch *amqp.Channel, o Object) error { return o.remove(ch) })
}

// Remake deletes each object and makes it again at once, without the bindings that it had.
func (v *Vhost) Remake(tb testing.TB, objects ...Object) {
	tb.Helper()
	v.operate(tb, objects, func(ch *amqp.Channel, o Object) error {
		if err := o.remove(ch); err != nil {
			return err
		}
		return o.make(ch)
	})
}

// operate does something with each object. While a cluster still forgets a queue, a node may
// answer what concerns it with an internal error, which ends the connection: then it is tried
// again over another one.
func (v *Vhost) operate(tb testing.TB, objects []Object, do func(*amqp.Channel, Object) error) {
	tb.Helper()
	for _, o := range objects {
		require.Eventually(tb, func() bool {
			err := v.once(func(ch *amqp.Channel) error { return do(ch, o) })
			refused, ok := errors.AsType[*amqp.Error](err)
			if ok && refused.Code == amqp.InternalError {
				return false
			}
			require.NoError(tb, err, "%s", o)
			return true
		}, 30*time.Second, 200*time.Millisecond, "%s", o)
	}
}

// once does something over a connection of its own.
func (v *Vhost) once(do func(*amqp.Channel) error) error {
	conn, err := amqp.Dial(v.URL)
	if err != nil {
		return err
	}
	defer func() { _ = conn.CloseDeadline(time.Now().Add(5 * time.Second)) }()
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	return do(ch)
}

func (o Object) remove(ch *amqp.Channel) error {
	switch {
	case o.IsBinding() && o.Queue != "":
		return ch.QueueUnbind(o.Queue, o.Key, o.Source, o.Args)
	case o.IsBinding():
		return ch.ExchangeUnbind(o.Exchange, o.Key, o.Source, false, o.Args)
	case o.Exchange != "":
		return ch.ExchangeDelete(o.Exchange, false, false)
	default:
		_, err := ch.QueueDelete(o.Queue, false, false, false)
		return err
	}
}

func (o Object) make(ch *amqp.Channel) error {
	if o.Exchange != "" {
		return ch.ExchangeDeclare(o.Exchange, o.Kind, true, false, false, false, o.Args)
	}
	_, err := ch.QueueDeclare(o.Queue, true, false, false, false, o.Args)
	return err
}
