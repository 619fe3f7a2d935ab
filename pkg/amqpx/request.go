package amqpx

import "github.com/penstock/penstock/pkg/amqpx/internal/wire"

// request is one publish on its way to a connection.
type request struct {
	publish wire.Publish
	header  int         // bound of the header frame's size in bytes
	late    func(error) // of the Publication; may be nil
}

// route is what a returned message is matched by. The message id alone is not
// enough: one event can be in flight to several places at once.
type route struct{ id, exchange, key string }

func newRequest(pub Publication) (*request, error) {
	publish, header, err := publishing(pub)
	if err != nil {
		return nil, err
	}
	return &request{publish: publish, header: header, late: pub.Late}, nil
}

func (r *request) route() route {
	return route{r.publish.Message.ID, r.publish.Exchange, r.publish.Key}
}

// size bounds what the request takes on the wire, in bytes.
func (r *request) size() int { return r.header + len(r.publish.Message.Body) }
