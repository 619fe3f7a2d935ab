package amqpx

import "errors"

// Outcome names what became of a publish that ended with err, in a word out of a closed
// set, for metrics and spans.
func Outcome(err error) string {
	if err == nil {
		return "confirmed"
	}
	for _, known := range []struct {
		err     error
		outcome string
	}{
		{ErrUnavailable, "unavailable"},
		{ErrReturned, "unroutable"},
		{ErrNacked, "refused"},
		{ErrUnknown, "unconfirmed"},
		{ErrInvalid, "invalid"},
	} {
		if errors.Is(err, known.err) {
			return known.outcome
		}
	}
	return "failed"
}
