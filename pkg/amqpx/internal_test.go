package amqpx

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/amqpx/internal/wire"
	"github.com/penstock/penstock/pkg/event"
)

func TestTheGateIsOpenWhenALineIsUpAndNoneIsBlocked(t *testing.T) {
	t.Parallel()
	up, down, blocked := lineState{}, lineState{err: errors.New("lost")}, lineState{blocked: true, err: errBlocked}
	tests := map[string]struct {
		lines []lineState
		open  bool
	}{
		"all up":              {[]lineState{up, up}, true},
		"one up":              {[]lineState{down, up}, true},
		"none up":             {[]lineState{down, down}, false},
		"one up, one blocked": {[]lineState{up, blocked}, false},
		"one down, blocked":   {[]lineState{down, blocked}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(len(tt.lines))
			for i, l := range tt.lines {
				g.set(i, l)
			}
			require.Equal(t, tt.open, g.state().err == nil)
			g.close()
			require.ErrorIs(t, g.state().err, ErrUnavailable)
		})
	}
}

func TestTheGateWakesWhoWaitsWhenItShuts(t *testing.T) {
	t.Parallel()
	g := newGate(2)
	g.set(0, lineState{})
	before := g.state()
	g.set(1, lineState{})
	select {
	case <-before.over:
		require.Fail(t, "still open: nobody may be woken")
	default:
	}
	g.set(0, lineState{blocked: true, err: errBlocked})
	<-before.over
	require.ErrorIs(t, g.state().err, errBlocked)
}

func TestABackoffGrowsWithinItsBoundsForEver(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := backoff{tries: rapid.IntRange(0, 1_000_000).Draw(t, "tries")}
		wait := b.next()
		require.GreaterOrEqual(t, wait, shortestWait/2)
		require.LessOrEqual(t, wait, longestWait)
		b.reset()
		require.LessOrEqual(t, b.next(), shortestWait)
	})
}

// pipe is a socket and its other end, which reads nothing by itself.
func pipe(t *testing.T, timeout time.Duration) (*socket, net.Conn) {
	t.Helper()
	near, far := net.Pipe()
	s := newSocket(near, near, timeout)
	t.Cleanup(func() {
		s.abort()
		_ = far.Close()
		<-s.done
	})
	return s, far
}

func TestASocketGathersWhatIsWrittenWhileItWrites(t *testing.T) {
	t.Parallel()
	s, far := pipe(t, 10*time.Second)
	buf := make([]byte, 100)
	for _, part := range []string{"first", "a", "b", "c"} {
		_, err := s.Write([]byte(part))
		require.NoError(t, err)
		if part == "first" { // the writing goroutine has taken it, and waits for its reader
			require.Eventually(t, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.pending) == 0 }, 10*time.Second, time.Millisecond)
		}
	}
	n, err := far.Read(buf)
	require.NoError(t, err)
	require.Equal(t, "first", string(buf[:n]))
	n, err = far.Read(buf)
	require.NoError(t, err)
	require.Equal(t, "abc", string(buf[:n]))
}

func TestWhatIsPendingLeavesBeforeTheSocketIsClosed(t *testing.T) {
	t.Parallel()
	s, far := pipe(t, 10*time.Second)
	_, err := s.Write([]byte("goodbye"))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	got, err := io.ReadAll(far)
	require.NoError(t, err)
	require.Equal(t, "goodbye", string(got))
	<-s.done
	_, err = s.Write([]byte("late"))
	require.ErrorIs(t, err, errSocketClosed)
}

func TestAWriteThatNobodyReadsFailsInTimeAndClosesTheSocket(t *testing.T) {
	t.Parallel()
	s, far := pipe(t, 50*time.Millisecond)
	_, err := s.Write(make([]byte, 10))
	require.NoError(t, err, "it is only gathered")
	<-s.done
	_, err = s.Write(make([]byte, 10))
	require.ErrorContains(t, err, "timeout")
	_, err = far.Read(make([]byte, 1))
	require.Error(t, err, "closed")
}

func TestWhoFindsTheSocketFullWaitsUntilItIsEmptierOrGivesUp(t *testing.T) {
	t.Parallel()
	s, far := pipe(t, 10*time.Second)
	require.NoError(t, s.reserve(t.Context(), 5*gatherLimit, forever), "more than the room takes all of it")
	require.NoError(t, s.publish(1, 0, publishOf("x"), 5*gatherLimit))
	soon, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.reserve(soon, 1, forever), context.Canceled)
	_, err := far.Read(make([]byte, 1000))
	require.NoError(t, err)
	require.NoError(t, s.reserve(t.Context(), 1, forever))
	s.cancel(1)
}

func publishOf(body string) *wire.Publish {
	return &wire.Publish{Message: &event.Message{Body: []byte(body)}}
}

func TestASocketThatDiesLetsNobodyWait(t *testing.T) {
	t.Parallel()
	s, _ := pipe(t, 10*time.Second)
	require.NoError(t, s.reserve(t.Context(), gatherLimit, forever))
	waited := make(chan error, 1)
	go func() { waited <- s.reserve(t.Context(), 1, forever) }()
	s.abort()
	<-s.done
	require.Error(t, s.publish(1, 0, publishOf("x"), gatherLimit), "nothing of it is sent")
	s.cancel(gatherLimit)
	require.NoError(t, <-waited)
}

func TestOnlyPlacesOfLiveConnectionsAreLeft(t *testing.T) {
	t.Parallel()
	w := newWindow(2, 3)
	dead, alive := &flight{window: w, over: make(chan struct{})}, &flight{window: w, over: make(chan struct{})}
	w.open(dead)
	w.open(alive)
	close(dead.over)
	w.sweep()
	require.Len(t, w.places, 3)
	dead.release()
	require.Len(t, w.places, 3)
	for range 3 {
		require.Same(t, alive, <-w.places)
		alive.release()
	}
	require.Len(t, w.places, 3)
}

func TestATooOldBrokerIsRefused(t *testing.T) {
	t.Parallel()
	for version, ok := range map[string]bool{
		"3.10.8": true, "3.13.7": true, "4.0.0": true, "4.3.6": true, "10.0": true, "3.9.29": false, "2.8": false, "": false, "nonsense": false,
	} {
		require.Equal(t, ok, checkVersion(version) == nil, version)
	}
}

func TestARefusalThatIsNoMismatchIsNone(t *testing.T) {
	t.Parallel()
	require.NoError(t, mismatch("queue", "q", nil, errors.New("other")))
	require.NoError(t, mismatch("queue", "q", nil, &amqp.Error{Code: amqp.AccessRefused}))
	err := mismatch("queue", "q", nil, &amqp.Error{Code: amqp.PreconditionFailed, Reason: "PRECONDITION_FAILED - in other words"})
	require.ErrorContains(t, err, "in other words")
}

func TestAConnectionStallsWhenItOwesAnswersAndGivesNone(t *testing.T) {
	t.Parallel()
	at := func(seconds int) time.Time { return time.Unix(int64(1000+seconds), 0) }
	var s stall
	s.begin(at(0))
	require.False(t, s.check(at(0), false, 0))
	require.False(t, s.check(at(100), false, 0), "idle")
	require.False(t, s.check(at(102), true, 0))
	require.False(t, s.check(at(104), true, 1), "an answer")
	require.False(t, s.check(at(106), true, 1))
	require.True(t, s.check(at(107), true, 1))
	require.False(t, s.check(at(110), false, 1), "nothing is owed any more: blocked, or answered")
	require.False(t, s.check(at(112), true, 1))
}

func TestPatienceGrowsWithEachConnectionThatDoesNotAnswerAndIsForgottenWithASlowBroker(t *testing.T) {
	t.Parallel()
	at := func(seconds int) time.Time { return time.Unix(int64(1000+seconds), 0) }
	var s stall
	now := 0
	for _, patience := range []int{3, 6, 12, 24, 30, 30} {
		s.begin(at(now))
		require.False(t, s.check(at(now+patience-1), true, 0), "%d s", patience)
		require.True(t, s.check(at(now+patience), true, 0), "%d s", patience)
		s.leave()
		now += patience
	}
	s.begin(at(now))
	require.False(t, s.check(at(now+5), true, 0))
	require.False(t, s.check(at(now+6), true, 1), "slow, not stuck")
	require.False(t, s.check(at(now+16), true, 1), "which it may be for a while")
	require.False(t, s.check(at(now+100), false, 2))
	require.False(t, s.check(at(now+102), true, 2))
	require.True(t, s.check(at(now+103), true, 2), "a minute later it is taken for a fast one")
}

func TestAnAgeReadsAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ argument, value, want string }{
		{"x-max-age", "7D", "7D"},
		{"x-max-age", "604800000", "7D"},
		{"x-max-age", "5400000", "90m"},
		{"x-max-age", "1001", "1001"},
		{"x-max-age", "none", "none"},
		{"x-message-ttl", "604800000", "604800000"},
	} {
		require.Equal(t, tt.want, readable(tt.argument, tt.value))
	}
}

func TestACallEndsWithItsContextAndTheExchangeWithItsTimeout(t *testing.T) {
	t.Parallel()
	sock, _ := pipe(t, time.Second)
	s := &session{sock: sock, timeout: 50 * time.Millisecond}
	ended := make(chan struct{})
	exchange := func() error {
		defer close(ended)
		_, err := sock.Read(make([]byte, 1)) // until the socket is closed
		return err
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.call(ctx, "ask", exchange), context.Canceled)
	<-ended
}
