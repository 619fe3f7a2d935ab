package command

import (
	"net/url"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/settings"
)

// brokerSettings reads what the processes read about the broker. With an error, what
// is not wrong is there.
func brokerSettings() (settings.AMQP, error) {
	var process struct{ settings.AMQP }
	err := settings.Load(&process)
	return process.AMQP, err
}

// brokerName is what the broker shows the command's connections under.
const brokerName = "penstock-cli"

// vhostOf is the virtual host of the broker's URLs.
func vhostOf(broker amqpx.Config) string {
	u, err := url.Parse(broker.URLs[0])
	if err != nil || len(u.Path) < 2 {
		return "/"
	}
	return u.Path[1:]
}
