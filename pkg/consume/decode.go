package consume

import (
	"fmt"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// decode is the first stage: what is not an event can have no attempt.
func decode(m *event.Message) (*event.Event, error) {
	e, err := event.Decode(m)
	if err != nil {
		return nil, fmt.Errorf("decode the message: %w", err)
	}
	return e, nil
}

func malformed(err error) verdict {
	return verdict{outcome: Dead, reason: fault.ReasonMalformed, err: err, text: err.Error()}
}
