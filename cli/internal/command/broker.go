package command

import (
	"net/url"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/pkg/topology"
)

// brokerSettings reads what the processes read about the broker. With an error, what
// is not wrong is there.
func brokerSettings() (settings.AMQP, error) {
	var process struct{ settings.AMQP }
	err := settings.Load(&process)
	return process.AMQP, err
}

func brokerConfig(a settings.AMQP) amqpx.Config {
	return amqpx.Config{
		URLs: a.AMQPURLs, CAFile: a.AMQPCAFile, CertFile: a.AMQPCertFile, KeyFile: a.AMQPKeyFile, Name: "penstock-cli",
	}
}

// planOf is what a configuration needs in the broker.
func planOf(a settings.AMQP, c *config.Config) topology.Plan {
	plan := topology.Plan{
		Archive: a.Archive, ArchiveMaxAge: a.ArchiveMaxAge, ArchiveMaxBytes: a.ArchiveBytes(),
		Quarantine: c.Quarantines(), QuarantineMaxAge: a.QuarantineMaxAge, QuarantineMaxBytes: a.QuarantineBytes(),
	}
	for _, name := range sortedKeys(c.Routes) {
		r := c.Routes[name]
		plan.Routes = append(plan.Routes, topology.Route{Name: name, Bindings: r.Bindings(), Partitions: r.Partitions()})
	}
	return plan
}

// vhostOf is the virtual host of the broker's URLs.
func vhostOf(broker amqpx.Config) string {
	u, err := url.Parse(broker.URLs[0])
	if err != nil || len(u.Path) < 2 {
		return "/"
	}
	return u.Path[1:]
}
