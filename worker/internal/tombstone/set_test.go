package tombstone_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/worker/internal/tombstone"
)

var (
	first  = consume.Round{Event: "a", Route: "r"}
	second = consume.Round{Event: "a", Route: "r", Replay: "j"}
)

func TestATombstoneIsOfOneRoundOfOneEventOnOneRoute(t *testing.T) {
	t.Parallel()
	var s tombstone.Set
	s.Replace(tombstone.MarksOf([]consume.Round{first}), nil, time.Now())
	for round, want := range map[consume.Round]consume.Fate{
		first: consume.Withhold, second: consume.Attempt, {Event: "a", Route: "q"}: consume.Attempt, {Event: "b", Route: "r"}: consume.Attempt,
	} {
		got, end := s.Begin(round)
		require.Equal(t, want, got, "%+v", round)
		end()
		require.False(t, s.IsDropped(round))
	}
	s.Replace(nil, tombstone.MarksOf([]consume.Round{first}), time.Now())
	got, end := s.Begin(first)
	require.Equal(t, consume.Drop, got)
	end()
	require.True(t, s.IsDropped(first))
	require.Empty(t, s.Attempted())
	s.Replace(nil, nil, time.Now())
	require.False(t, s.IsDropped(first))
}

func TestAnAttemptThatBeganBeforeTheTombstoneIsReportedUntilItEnds(t *testing.T) {
	t.Parallel()
	var s tombstone.Set
	_, end := s.Begin(first)
	_, endCopy := s.Begin(first)
	_, endOther := s.Begin(second)
	require.Empty(t, s.Attempted())
	s.Replace(tombstone.MarksOf([]consume.Round{first}), nil, time.Now())
	want := []tombstone.Mark{tombstone.MarkOf(first)}
	require.Equal(t, want, s.Attempted())
	endOther()
	end()
	require.Equal(t, want, s.Attempted(), "a copy is attempted")
	endCopy()
	require.Empty(t, s.Attempted())
}

func TestAnEventIsWithheldOnlyWhileATrackerRepeatsIt(t *testing.T) {
	t.Parallel()
	var s tombstone.Set
	marks := tombstone.MarksOf([]consume.Round{first, second})
	s.Replace(marks[:1], marks[1:], time.Now().Add(-time.Hour))
	fate, end := s.Begin(first)
	require.Equal(t, consume.Attempt, fate)
	require.Equal(t, marks[:1], s.Attempted(), "the tracker has to know when it is back")
	end()
	fate, _ = s.Begin(second)
	require.Equal(t, consume.Drop, fate, "that is decided")
}

func TestAMarkTravelsAsText(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(tombstone.MarksOf([]consume.Round{first, second}))
	require.NoError(t, err)
	var got []tombstone.Mark
	require.NoError(t, json.Unmarshal(text, &got))
	require.Equal(t, tombstone.MarksOf([]consume.Round{first, second}), got)
	require.NotEqual(t, got[0], got[1])
	for _, wrong := range []string{`["AAAA"]`, `["!!!!!!!!!!!!!!!!!!!!!!"]`} {
		require.Error(t, json.Unmarshal([]byte(wrong), &got))
	}
}
