package amqpx

import (
	amqp "github.com/rabbitmq/amqp091-go"
)

// request is one publish on its way to a connection.
type request struct {
	route      route
	publishing amqp.Publishing
	header     int         // bound of the header frame's size in bytes
	late       func(error) // of the Publication; may be nil
	sent       chan sent   // gets exactly one value once a connection took the request
}

// route is what a returned message is matched by. The message id alone is not
// enough: one event can be in flight to several places at once.
type route struct{ id, exchange, key string }

// sent says what a connection made of a request: err, or a confirm to wait for.
type sent struct {
	flight  *flight
	confirm *amqp.DeferredConfirmation
	err     error
}

func newRequest(pub Publication) (*request, error) {
	publishing, header, err := toPublishing(pub)
	if err != nil {
		return nil, err
	}
	return &request{
		route:      route{pub.Message.ID, pub.Exchange, pub.Key},
		publishing: publishing,
		header:     header,
		late:       pub.Late,
		sent:       make(chan sent, 1),
	}, nil
}

// forget ends a request whose publisher did not wait to see it sent.
func (r *request) forget() {
	if s := <-r.sent; s.err == nil {
		s.flight.forget(s.confirm, r)
	}
}
