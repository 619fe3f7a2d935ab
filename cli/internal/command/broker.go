package command

import (
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
