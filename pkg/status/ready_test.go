package status_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/status"
)

func TestAnEmitterIsNotReadyFromAFailureUntilTheStreamTakesMessagesAgain(t *testing.T) {
	t.Parallel()
	s := newStream()
	refused := errors.New("no quorum")
	s.refuse(refused)
	e := emitter(t, s, status.Options{})
	require.NoError(t, e.Ready())
	require.ErrorIs(t, e.Emit(t.Context(), numbered(1)), refused)
	require.ErrorIs(t, e.Ready(), refused)
	s.refuse(nil)
	require.Eventually(t, func() bool { return e.Ready() == nil }, 20*time.Second, 10*time.Millisecond, "nobody emits, so it has to try by itself")
	require.Equal(t, [][]status.Record{nil}, s.published(), "it tries without a record")
}

func TestAnEmitterThatIsNotReadyCanBeClosed(t *testing.T) {
	t.Parallel()
	s := newStream()
	s.refuse(errors.New("no quorum"))
	e := emitter(t, s, status.Options{})
	require.Error(t, e.Emit(t.Context(), numbered(1)))
	closeNow(t, e)
}
