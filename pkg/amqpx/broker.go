package amqpx

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"
)

// product is how RabbitMQ calls itself.
const product = "RabbitMQ"

// oldest is the first version with at-least-once dead-lettering.
var oldest = [2]int{3, 10}

// checkBroker refuses a broker that would keep less than it is asked to. Brokers accept what
// they do not know: LavinMQ makes another queue of a quorum queue, and says so only in its log.
func checkBroker(properties amqp.Table) error {
	version, _ := properties["version"].(string)
	if name, _ := properties["product"].(string); name != product {
		return fmt.Errorf("the broker is %s %s: RabbitMQ is needed, because another broker takes a quorum queue for a lesser one without a word", name, version)
	}
	return checkVersion(version)
}

func checkVersion(text string) error {
	var have [2]int
	for i, part := range strings.SplitN(text, ".", 3)[:min(2, strings.Count(text, ".")+1)] {
		have[i], _ = strconv.Atoi(part)
	}
	if have[0] < oldest[0] || have[0] == oldest[0] && have[1] < oldest[1] {
		return fmt.Errorf("RabbitMQ %s is too old: %d.%d or later is needed", text, oldest[0], oldest[1])
	}
	return nil
}

// explainLogin adds to a refused login what to do about it, and drops a refused token.
func (l Login) explainLogin(err error) error {
	answer, ok := errors.AsType[*amqp.Error](err)
	switch {
	case !ok:
		return err
	case strings.Contains(answer.Reason, "connection limit"):
		return fmt.Errorf("%w; PENSTOCK_AMQP_CONNECTIONS lets each process open fewer connections", err)
	case l.Token && answer.Code == amqp.AccessRefused:
		if l.Drop != nil {
			l.Drop()
		}
		return fmt.Errorf("the broker refuses the access token: it wants one that is valid now, is signed with a key it knows, "+
			"has its resource_server_id among the audience (aud), and whose scope allows this virtual host; the broker's log says which: %w", err)
	default:
		return err
	}
}
