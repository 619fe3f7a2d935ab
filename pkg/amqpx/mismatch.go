package amqpx

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"
)

// MismatchError says that an object exists with other arguments than the wanted ones.
// It is a fault of the configuration: an operator has to change that, or to move the
// object out of the way. fault.IsPermanent is true for it.
type MismatchError struct {
	Object string         // "queue" or "exchange"
	Name   string         // of the object
	Want   map[string]any // all arguments that were asked for

	// The first difference that the broker found; AMQP tells no more. Argument is
	// empty when the broker's text has another form; Text then says all.
	Argument, Wanted, Found string

	Text   string // the broker's own words
	Advice string // what to do; may be empty

	// Differences are all that were found of a queue, the first one included, up to one
	// that makes it another kind of queue. They are empty when the user may not compare.
	Differences []Difference
}

// Error implements error.
func (e *MismatchError) Error() string {
	text := fmt.Sprintf("%s %s exists with other arguments: %s (all wanted: %v)", e.Object, e.Name, e.differences(), e.Want)
	if e.Argument == "" {
		text = fmt.Sprintf("%s %s exists with other arguments than %v: %s", e.Object, e.Name, e.Want, e.Text)
	}
	if e.Advice != "" {
		text += "; " + e.Advice
	}
	return text
}

func (e *MismatchError) differences() string {
	all := e.Differences
	if len(all) == 0 {
		all = []Difference{{e.Argument, e.Wanted, e.Found}}
	}
	texts := make([]string, len(all))
	for i, d := range all {
		texts[i] = fmt.Sprintf("%s is %s, wanted %s", d.Argument, d.Found, d.Wanted)
	}
	return strings.Join(texts, ", ")
}

// inequivalent matches RabbitMQ's text, as for instance
//
//	PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'q' in vhost '/':
//	received the value '1000' of type 'signedint' but current is the value '2000' of type 'signedint'
var inequivalent = regexp.MustCompile(
	`inequivalent arg '([^']+)' for .*: received (?:the value )?'?([^' ]*)'?.* but current is (?:the value )?'?([^' ]*)'?`)

// mismatch makes a MismatchError of a refused declaration, or nil when it was
// refused for another reason.
func mismatch(object, name string, want map[string]any, err error) error {
	var refused *amqp.Error
	if !errors.As(err, &refused) || refused.Code != amqp.PreconditionFailed {
		return nil
	}
	m := &MismatchError{Object: object, Name: name, Want: want, Text: refused.Reason}
	if parts := inequivalent.FindStringSubmatch(refused.Reason); parts != nil {
		m.Argument, m.Wanted, m.Found = parts[1], readable(parts[1], parts[2]), readable(parts[1], parts[3])
	}
	return m
}

// ages are the units of x-max-age in milliseconds, without months and years: those
// are no round numbers of anything.
var ages = []struct {
	unit   string
	millis int64
}{{"D", 86_400_000}, {"h", 3_600_000}, {"m", 60_000}, {"s", 1000}}

// readable undoes what RabbitMQ 4.3 does to an age: it compares and tells milliseconds.
func readable(argument, value string) string {
	millis, err := strconv.ParseInt(value, 10, 64)
	if argument != "x-max-age" || err != nil || millis == 0 {
		return value
	}
	for _, a := range ages {
		if millis%a.millis == 0 {
			return strconv.FormatInt(millis/a.millis, 10) + a.unit
		}
	}
	return value
}
