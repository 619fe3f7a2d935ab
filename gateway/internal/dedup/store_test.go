package dedup_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/gateway/internal/dedup"
)

var terms = dedup.Terms{Lease: time.Minute, Window: time.Hour, Memory: 2 * time.Hour}

// briefly are terms that end at once, but for the id.
var briefly = dedup.Terms{Lease: time.Millisecond, Window: time.Millisecond, Memory: time.Hour}

func claim(t *testing.T, s store, key dedup.Key, id string) dedup.Claim {
	t.Helper()
	c, err := s.Claim(t.Context(), key, id, terms)
	require.NoError(t, err)
	return c
}

func settle(t *testing.T, s store, key dedup.Key, c dedup.Claim, accepted bool) {
	t.Helper()
	require.NoError(t, s.Settle(t.Context(), key, c, dedup.Outcome{Accepted: accepted}, terms))
}

func granted(id string, number uint32) dedup.Claim { return dedup.Claim{ID: id, Number: number} }

func TestAnEventIsPendingAndThenADuplicateUnderItsFirstID(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s store) {
		key := newKey()
		first := claim(t, s, key, "one")
		require.Equal(t, granted("one", 1), first)
		require.Equal(t, dedup.Claim{State: dedup.Pending, ID: "one"}, claim(t, s, key, "two"))
		settle(t, s, key, first, true)
		require.Equal(t, dedup.Claim{State: dedup.Duplicate, ID: "one"}, claim(t, s, key, "two"))
		require.Equal(t, granted("two", 1), claim(t, s, newKey(), "two"), "another key")
	})
}

func TestTheIDStaysWhateverBecomesOfTheClaim(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s store) {
		key := newKey()
		settle(t, s, key, claim(t, s, key, "one"), false)
		settle(t, s, key, claim(t, s, key, "two"), false)
		third := claim(t, s, key, "three")
		require.Equal(t, granted("one", 3), third)
		settle(t, s, key, third, true)
		require.Equal(t, dedup.Claim{State: dedup.Duplicate, ID: "one"}, claim(t, s, key, "four"))
	})
}

func TestAClaimThatIsNotSettledEndsWithItsLeaseAndLeavesItsID(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s store) {
		key := newKey()
		first, err := s.Claim(t.Context(), key, "one", briefly)
		require.NoError(t, err)
		second := await(t, s, key, "two")
		require.Equal(t, granted("one", 2), second)
		settle(t, s, key, first, false)
		require.Equal(t, dedup.Pending, claim(t, s, key, "three").State, "the first claim does not end the second one")
		settle(t, s, key, second, false)
		require.Equal(t, dedup.Granted, claim(t, s, key, "three").State)
	})
}

// await claims until that is granted.
func await(t *testing.T, s store, key dedup.Key, id string) (c dedup.Claim) {
	t.Helper()
	require.Eventually(t, func() bool {
		c = claim(t, s, key, id)
		return c.State == dedup.Granted
	}, patient, time.Millisecond)
	return c
}

func TestAfterItsWindowAnEventIsGrantedAgainUnderItsID(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s store) {
		key := newKey()
		require.NoError(t, s.Settle(t.Context(), key, claim(t, s, key, "one"), dedup.Outcome{Accepted: true}, briefly))
		again := await(t, s, key, "two")
		require.Equal(t, dedup.Claim{ID: "one", Number: 2, Repeated: true}, again)
		require.Equal(t, dedup.Pending, claim(t, s, key, "three").State)
		settle(t, s, key, again, false)
		again = claim(t, s, key, "three")
		require.Equal(t, dedup.Claim{ID: "one", Number: 3, Repeated: true}, again, "that round failed")
		settle(t, s, key, again, true)
		require.Equal(t, dedup.Claim{State: dedup.Duplicate, ID: "one"}, claim(t, s, key, "four"))
	})
}

func TestAnAcceptedEventStaysAccepted(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s store) {
		key := newKey()
		unknown := dedup.Claim{ID: "one"} // the store did not answer to the claim
		settle(t, s, key, unknown, true)
		settle(t, s, key, unknown, false)
		settle(t, s, key, dedup.Claim{ID: "two"}, true)
		require.Equal(t, dedup.Claim{State: dedup.Duplicate, ID: "one"}, claim(t, s, key, "three"))
	})
}

func TestWhatIsAcceptedGivesAPendingEventItsID(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s store) {
		key := newKey()
		claim(t, s, key, "one")
		settle(t, s, key, dedup.Claim{ID: "two"}, true) // which was published without an answer of the store
		require.Equal(t, dedup.Claim{State: dedup.Duplicate, ID: "two"}, claim(t, s, key, "three"))
	})
}

func TestOneOf64ConcurrentClaimsIsGranted(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s store) {
		key := newKey()
		var one atomic.Int64
		var all sync.WaitGroup
		for i := range 64 {
			all.Go(func() {
				c, err := s.Claim(t.Context(), key, strconv.Itoa(i), terms)
				if err != nil {
					t.Error(err)
				}
				if c.State == dedup.Granted {
					one.Add(1)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 1, one.Load())
	})
}

func TestTheTermsHoldToTheMoment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, key := newMemory(t, 10), newKey()
		claim(t, m, key, "one")
		<-time.After(terms.Lease - 1)
		require.Equal(t, dedup.Pending, claim(t, m, key, "two").State)
		<-time.After(1)
		settle(t, m, key, claim(t, m, key, "two"), true)
		<-time.After(terms.Window - 1)
		require.Equal(t, dedup.Duplicate, claim(t, m, key, "three").State)
		<-time.After(terms.Memory - terms.Window)
		again := claim(t, m, key, "three")
		require.Equal(t, dedup.Claim{ID: "one", Number: 3, Repeated: true}, again)
		<-time.After(terms.Memory)
		require.Equal(t, granted("four", 1), claim(t, m, key, "four"), "it is forgotten")
	})
}

func TestRedisForgetsAnEvent(t *testing.T) {
	t.Parallel()
	r, key := newRedis(t, redisURL(t), patient), newKey()
	once := dedup.Terms{Lease: time.Millisecond, Window: time.Millisecond, Memory: 10 * time.Millisecond}
	c, err := r.Claim(t.Context(), key, "one", once)
	require.NoError(t, err)
	require.NoError(t, r.Settle(t.Context(), key, c, dedup.Outcome{Accepted: true}, once))
	require.Eventually(t, func() bool {
		c, err := r.Claim(t.Context(), key, "two", once)
		return err == nil && c.ID == "two" && c.Number == 1
	}, patient, 50*time.Millisecond)
}

func TestAMemoryIsBoundedAndSharedFairly(t *testing.T) {
	t.Parallel()
	m := newMemory(t, 4)
	keyOf := func(source, event string) dedup.Key { return dedup.Key{Source: source, Event: event} }
	for _, event := range []string{"a", "b"} {
		claim(t, m, keyOf("calm", event), event)
	}
	for i := range 1000 {
		settle(t, m, keyOf("busy", strconv.Itoa(i)), dedup.Claim{ID: "x"}, true)
	}
	for _, event := range []string{"a", "b"} {
		require.Equal(t, dedup.Pending, claim(t, m, keyOf("calm", event), "x").State)
	}
	require.Equal(t, dedup.Duplicate, claim(t, m, keyOf("busy", "999"), "x").State)
	require.Equal(t, granted("x", 1), claim(t, m, keyOf("busy", "997"), "x"), "the busy source forgets its own")
	_, err := dedup.NewMemory(0)
	require.Error(t, err)
}

func TestAClaimRemembersThePlacesThatHaveTheEvent(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s store) {
		key := newKey()
		first := claim(t, s, key, "one")
		require.Empty(t, first.Done)
		partly := dedup.Outcome{Done: []string{"penstock.archive", "penstock.route.a"}}
		require.NoError(t, s.Settle(t.Context(), key, first, partly, terms))
		second := claim(t, s, key, "two")
		require.Equal(t, partly.Done, second.Done)
		require.Equal(t, "one", second.ID)

		partly.Unknown, partly.Done = true, []string{"penstock.archive"}
		require.NoError(t, s.Settle(t.Context(), key, first, dedup.Outcome{}, terms), "an old claim changes nothing")
		require.NoError(t, s.Settle(t.Context(), key, second, partly, terms))
		require.Equal(t, dedup.Pending, claim(t, s, key, "three").State, "it goes on")

		require.NoError(t, s.Settle(t.Context(), key, second, dedup.Outcome{Done: partly.Done}, terms))
		third := claim(t, s, key, "three")
		require.Equal(t, partly.Done, third.Done)
		require.NoError(t, s.Settle(t.Context(), key, third, dedup.Outcome{Accepted: true}, terms))
		require.Empty(t, claim(t, s, key, "four").Done, "an accepted event is in all places")
	})
}
