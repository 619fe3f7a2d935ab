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
}

// route is what a returned message is matched by. The message id alone is not
// enough: one event can be in flight to several places at once.
type route struct{ id, exchange, key string }

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
	}, nil
}
