package app

import (
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/settings"
)

// DeliverSettings are the deliverer's process settings, with the prefix PENSTOCK_.
type DeliverSettings struct {
	settings.Process
	settings.AMQP
	Routes []string `desc:"the routes that this process consumes, comma-separated; all of them when empty"`
}

// defaultDeliverAdminListen is where the admin listener stands when nothing is set.
const defaultDeliverAdminListen = ":9091"

// delivererName is what the broker shows the connections as.
const delivererName = "penstock-deliver"

// broker is how to reach the broker.
func (s *DeliverSettings) broker() amqpx.Config { return s.Broker(delivererName) }
