package status_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
)

func TestAMessageCarriesWhatOtherLanguagesRead(t *testing.T) {
	t.Parallel()
	m, err := status.Encode([]status.Record{sample(), {Kind: status.Delivered, Event: "e2", At: time.UnixMilli(5)}})
	require.NoError(t, err)
	require.Equal(t, "penstock.status", m.Type)
	require.Equal(t, "application/x-ndjson", m.ContentType)
	require.Equal(t, map[string]any{"penstock-format": int64(1)}, m.Headers)
	require.NotEmpty(t, m.ID)
	want := `{"kind":"dead","event":"0199d3c4-7a51-7cc1-8f0a-3b1d5a6c7e8f","source":"github","type":"push","route":"ci",` +
		`"attempt":15,"received":1764000000123,"at":1764003600123,"reason":"max-attempts","last":"server-error","status":503,"answer":"YnVzeQ==",` +
		`"cut":true,"fields":{"Server":"nginx"},"error":"destination answered 503",` +
		`"took":12,"next":1764007200123,"replay":"r1","by":"ops"}` + "\n" +
		`{"kind":"delivered","event":"e2","at":5}` + "\n"
	require.Equal(t, []byte(want), m.Body)
}

func TestRecordsSurviveTheJourney(t *testing.T) {
	t.Parallel()
	kinds := []status.Kind{
		status.Attempted, status.Delivered, status.Retrying, status.Postponed, status.Held, status.Dead, status.Filtered, status.Replayed, status.Discarded,
	}
	text := rapid.StringOfN(rapid.RuneFrom([]rune("aé<\"\\\n☃")), 0, 60, 255)
	moment := rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "none") {
			return time.Time{}
		}
		return time.UnixMilli(rapid.Int64Range(1, 1<<42).Draw(t, "ms")).UTC()
	})
	answer := rapid.Custom(func(t *rapid.T) []byte {
		if b := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "bytes"); len(b) > 0 {
			return b
		}
		return nil
	})
	record := rapid.Custom(func(t *rapid.T) status.Record {
		return status.Record{
			Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Event: "e" + text.Draw(t, "event"),
			Source: text.Draw(t, "source"), Type: text.Draw(t, "type"), Route: text.Draw(t, "route"),
			Attempt: rapid.IntRange(0, 1000).Draw(t, "attempt"), ReceivedAt: moment.Draw(t, "received"), At: moment.Draw(t, "at"),
			Reason: fault.Reason(text.Draw(t, "reason")), LastReason: fault.Reason(text.Draw(t, "last")),
			HTTPStatus: rapid.IntRange(0, 599).Draw(t, "status"), Took: time.Duration(rapid.IntRange(0, 1<<30).Draw(t, "took")) * time.Millisecond,
			Answer: answer.Draw(t, "answer"), AnswerCut: rapid.Bool().Draw(t, "cut"), Error: text.Draw(t, "error"), NextAt: moment.Draw(t, "next"), Replay: text.Draw(t, "replay"), By: text.Draw(t, "by"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(record, 1, 20).Draw(t, "records")
		m, err := status.Encode(want)
		require.NoError(t, err)
		got, err := status.Decode(m)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func TestARecordNeedsAKindAndAnEvent(t *testing.T) {
	t.Parallel()
	for _, r := range []status.Record{{Kind: "lost", Event: "e"}, {Kind: status.Dead}, {}} {
		_, err := status.Encode([]status.Record{r})
		require.ErrorIs(t, err, status.ErrInvalid)
	}
	_, err := status.Encode(make([]status.Record, status.MaxRecords+1))
	require.ErrorIs(t, err, status.ErrInvalid)
}

func TestAnOddEventsTextsAreCutAndNotRefused(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Event, r.Type, r.Reason = strings.Repeat("é", 300), "\xff\x00", fault.Reason(strings.Repeat("x", 999))
	m, err := status.Encode([]status.Record{r})
	require.NoError(t, err)
	records, err := status.Decode(m)
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("é", 127), records[0].Event)
	require.True(t, utf8.ValidString(records[0].Type))
	require.NotContains(t, records[0].Type, "\x00")
	require.Len(t, records[0].Reason, 255)
}

func TestTheLargestMessageStaysWithinItsBound(t *testing.T) {
	t.Parallel()
	worst := strings.Repeat("<", 255)
	r := status.Record{
		Kind: status.Dead, Event: worst, Source: worst, Type: worst, Route: worst, Replay: worst, By: worst,
		Reason: fault.Reason(worst), LastReason: fault.Reason(worst), At: time.Now(), Answer: make([]byte, 2*status.MaxAnswer),
		Error: strings.Repeat("<", 2*status.MaxError), Fields: status.Fields{worst: worst, "a": worst, "b": worst},
	}
	records := make([]status.Record, status.MaxRecords)
	for i := range records {
		records[i] = r
	}
	m, err := status.Encode(records)
	require.NoError(t, err)
	require.Less(t, len(m.Body), status.MaxBytes-1<<20)
	got, err := status.Decode(m)
	require.NoError(t, err)
	require.Len(t, got[0].Answer, status.MaxAnswer, "it is cut")
	require.True(t, got[0].AnswerCut)
	require.Len(t, got[0].Error, status.MaxError)
	require.Equal(t, status.Fields{worst: worst}, got[0].Fields, "no more of them")
}

func TestAReaderSkipsWhatIsNewer(t *testing.T) {
	t.Parallel()
	m, err := status.Encode(nil)
	require.NoError(t, err)
	m.Body = []byte(`{"kind":"teleported","event":"e1"}` + "\n" + `{"kind":"dead","event":"e2","colour":"red"}`)
	records, err := status.Decode(m)
	require.NoError(t, err)
	require.Equal(t, []status.Record{{Kind: status.Dead, Event: "e2"}}, records)
}

func TestABadLineDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	m, err := status.Encode(nil)
	require.NoError(t, err)
	m.Body = []byte("{\n" + `{"kind":"dead","event":"e2"}` + "\n" + `{"kind":"dead"}` + "\n")
	records, err := status.Decode(m)
	require.ErrorIs(t, err, status.ErrMalformed)
	require.Len(t, records, 1)
}

func TestAMessageOfAnotherKindIsMalformed(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*event.Message){
		"type":   func(m *event.Message) { m.Type = "order.paid" },
		"format": func(m *event.Message) { m.Headers["penstock-format"] = int64(2) },
		"size":   func(m *event.Message) { m.Body = make([]byte, status.MaxBytes+1) },
		"count": func(m *event.Message) {
			m.Body = []byte(strings.Repeat(`{"kind":"dead","event":"e"}`+"\n", status.MaxRecords+1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := status.Encode([]status.Record{sample()})
			require.NoError(t, err)
			change(m)
			_, err = status.Decode(m)
			require.ErrorIs(t, err, status.ErrMalformed)
		})
	}
}

func FuzzDecode(f *testing.F) {
	m, err := status.Encode([]status.Record{sample()})
	require.NoError(f, err)
	f.Add(m.Body)
	f.Add([]byte("{}\n[]\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		in := *m
		in.Body = body
		records, _ := status.Decode(&in)
		again, err := status.Encode(records) // whatever can be read can be written
		require.NoError(t, err)
		out, err := status.Decode(again)
		require.NoError(t, err)
		require.Len(t, out, len(records))
	})
}
