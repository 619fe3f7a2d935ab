package amqpx

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOnlyRefusalsThatGoOnAreAReasonForAnotherConnection(t *testing.T) {
	t.Parallel()
	r, begin := newRefusals(), time.Now()
	r.note(begin)
	r.note(begin.Add(refusedFor - 1))
	require.Empty(t, r.lasting)
	r.note(begin.Add(refusedFor))
	r.note(begin.Add(refusedFor + 1))
	require.Len(t, r.lasting, 1)
}
