package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/penstock/penstock/cli/internal/terminal"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/pkg/topology"
)

func (i *Installation) broker(ctx context.Context) []Finding {
	if i.BrokerError != nil {
		var found []Finding
		for line := range strings.Lines(i.BrokerError.Error()) {
			found = append(found, failure(strings.TrimSpace(line), "Set the variable as the processes need it; see 'worker deliver --help'."))
		}
		return found
	}
	var found []Finding
	nodes, _ := i.reached(ctx)
	for _, n := range nodes {
		if n.Err != nil {
			found = append(found, failure(text(n.Err), brokerRemedy(n.Err)))
			continue
		}
		found = append(found, ok(fmt.Sprintf("%s is RabbitMQ %s of the cluster %s; to log in took %v",
			n.Address, n.Version, n.Cluster, n.Took.Round(time.Millisecond))))
		if len(n.Certificates) > 0 {
			found = append(found, i.expiry("the certificate of "+n.Address, n.Certificates))
		}
	}
	return found
}

// usable reports whether there is a broker to look at.
func (i *Installation) usable(ctx context.Context) bool {
	if i.BrokerError != nil {
		return false
	}
	_, reached := i.reached(ctx)
	return reached
}

// brokerRemedy says what to do about a node that cannot be used.
func brokerRemedy(err error) string {
	for _, known := range []struct{ part, remedy string }{
		{"connection limit", "Set PENSTOCK_AMQP_CONNECTIONS=1 for gateways and deliverers, run fewer of them, or raise the broker's limit of connections."},
		{"RabbitMQ is needed", "Use RabbitMQ 3.10 or later; docs/brokers.md says which services offer it."},
		{"the access token", "Look at the broker's log, and at the token's aud, exp and scope."},
		{"access token from", "Mend PENSTOCK_AMQP_TOKEN_URL, PENSTOCK_AMQP_CLIENT_ID, PENSTOCK_AMQP_CLIENT_SECRET, PENSTOCK_AMQP_TOKEN_SCOPE or PENSTOCK_AMQP_TOKEN_AUDIENCE."},
		{"username or password", "Give PENSTOCK_AMQP_URLS the right user and password; guest may log in from its own machine only."},
		{"vhost", "Make the virtual host, or give this user permissions on it: rabbitmqctl add_vhost, set_permissions."},
		{"no access", "Give this user permissions on the virtual host: rabbitmqctl set_permissions."},
		{"unknown authority", "Set PENSTOCK_AMQP_CA_FILE to the authority that signed the broker's certificate."},
		{"x509", "Mend the broker's certificate: its names, its dates, or who signed it."},
		{"first record does not look like a TLS", "That port does not speak TLS: use amqp://, or the port for TLS, 5671."},
		{"too old", "Upgrade RabbitMQ to 3.10 or later."},
		{"connection refused", "Start RabbitMQ there, or set PENSTOCK_AMQP_URLS to where it listens."},
		{"no such host", "Mend the host's name in PENSTOCK_AMQP_URLS."},
	} {
		if strings.Contains(err.Error(), known.part) {
			return known.remedy
		}
	}
	return "Look whether RabbitMQ runs there, and whether a firewall is in between."
}

// afterBroker is what to do about what could not be looked at for want of a broker.
const afterBroker = "Mend what is said about the broker first, and run 'penstock doctor' again."

func (i *Installation) permissions(ctx context.Context) []Finding {
	if !i.usable(ctx) {
		return []Finding{skipped("not looked at: the broker cannot be used", afterBroker)}
	}
	roles, status := i.Roles, Error
	if len(roles) == 0 {
		roles, status = topology.Roles(), Warning
	}
	var able []string
	var found []Finding
	for _, role := range roles {
		lacking, err := amqpx.Lacking(ctx, i.Broker, i.rights(role))
		switch {
		case err != nil:
			return []Finding{skipped("not looked at: "+text(err), afterBroker)}
		case len(lacking) == 0:
			able = append(able, role)
		default:
			f := failure(fmt.Sprintf("this user cannot %s: it lacks %s", duty(role), listed(lacking)), remedyOf(role))
			f.Status = status
			found = append(found, f)
		}
	}
	if len(able) > 0 {
		found = append([]Finding{ok("this user has what it needs as " + strings.Join(able, ", "))}, found...)
	}
	return found
}

func (i *Installation) rights(role string) []amqpx.Right {
	rights := i.Plan.Rights(role)
	if role == topology.RoleDeliverer {
		rights = append(rights, i.Writes...)
	}
	return rights
}

// duty says what a role does.
func duty(role string) string {
	if role == topology.RoleTopology {
		return "declare the topology"
	}
	return "be a " + role
}

func remedyOf(role string) string {
	if role == topology.RoleTopology {
		return "Fine for a process with PENSTOCK_TOPOLOGY=check; who declares needs configure, write and read on ^penstock\\."
	}
	return "Give them to it with rabbitmqctl set_permissions, if this user is for the " + role + "."
}

// listed names a few rights.
func listed(rights []amqpx.Right) string {
	const few = 3
	var names []string
	for _, r := range rights[:min(few, len(rights))] {
		names = append(names, r.Kind+" "+r.Name)
	}
	if len(rights) > few {
		names = append(names, fmt.Sprintf("and %d more", len(rights)-few))
	}
	return strings.Join(names, ", ")
}

func (i *Installation) topology(ctx context.Context) []Finding {
	if !i.usable(ctx) {
		return []Finding{skipped("not looked at: the broker cannot be used", afterBroker)}
	}
	err := amqpx.Check(ctx, i.Broker, i.Plan.Topology())
	switch {
	case err == nil && i.Plan.NoStreams:
		return []Finding{
			ok("the exchanges and queues of " + terminal.Plural(len(i.Plan.Routes), "route") + " are there"),
			warning(settings.WithoutStreams, "Set PENSTOCK_STREAMS=on at a broker that has streams."),
		}
	case err == nil:
		return []Finding{ok("the exchanges and queues of " + terminal.Plural(len(i.Plan.Routes), "route") + " are there")}
	case !fault.IsPermanent(err):
		return []Finding{skipped("not looked at: the broker cannot be used", afterBroker)}
	}
	return shorten(differences(err))
}

// differences makes findings of what a check of the topology says: one for all that is
// missing, and one for each thing that is there and is not what it has to be.
func differences(err error) []Finding {
	missing := 0
	var found []Finding
	for line := range strings.Lines(err.Error()) {
		if strings.Contains(line, "NOT_FOUND") {
			missing++
			continue
		}
		found = append(found, failure(strings.TrimSpace(line), "Remove it when it is empty, or configure it alike; 'penstock topology check' tells more."))
	}
	if missing > 0 {
		found = append(found, failure(fmt.Sprintf("%d of the exchanges and queues that the configuration needs are not there", missing),
			"Start a process that declares, or run 'penstock topology declare'; 'penstock topology check' lists them."))
	}
	return found
}

// shorten keeps a few findings that are alike.
func shorten(found []Finding) []Finding {
	const few = 5
	if len(found) <= few {
		return found
	}
	last := found[few-1]
	last.Text = fmt.Sprintf("and %d more like these: 'penstock topology check' lists them", len(found)-few+1)
	return append(found[:few-1:few-1], last)
}
