package signature_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/signature"
)

// clocked is a scheme whose message has nothing to do with its timestamp.
func clocked(unit string) signature.Scheme {
	return with(func(s *signature.Scheme) { s.TS = &signature.Timestamp{From: "header:x-time", Unit: unit} })
}

func TestATimestampIsReadInItsUnit(t *testing.T) {
	t.Parallel()
	for unit, texts := range map[string][]string{
		"":     {"1700000000"},
		"s":    {"1700000000"},
		"ms":   {"1700000000000"},
		"ns":   {"1700000000000000000"},
		"iso":  {"2023-11-14T22:13:20Z", "2023-11-14T22:13:20", "2023-11-14T22:13:20.000000001Z", "2023-11-14T14:13:20-08:00", "2023-11-14T14:13:20-0800"},
		"auto": {"1700000000", "1700000000000", "1700000000000000000", "2023-11-14T22:13:20Z"},
	} {
		for _, text := range texts {
			b := setup(t, clocked(unit)).signed().header("x-time", text)
			b.accepted()
			require.LessOrEqual(t, b.verify().Skew.Abs(), time.Nanosecond, text)
		}
	}
}

func TestATimestampThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for unit, texts := range map[string][]string{
		"s":    {"+1700000000", "-1", " 1700000000", "1.7e9", "1700000000.0", "99999999999999999999", "999999999999999999", "0x1", "1_700_000_000", "now"},
		"ms":   {"+1700000000000", "9999999999999999999999"},
		"ns":   {"-1", "99999999999999999999"},
		"iso":  {"1700000000", "2023-11-14", "2023-11-14 22:13:20Z", "2023-13-14T22:13:20Z", "+2023-11-14T22:13:20Z"},
		"auto": {"soon", "-1", "99999999999999999999999"},
	} {
		for _, text := range texts {
			b := setup(t, clocked(unit)).signed().header("x-time", text)
			require.Equal(t, signature.MalformedTimestamp, b.verify().Reason, "%s %q", unit, text)
		}
	}
}

func TestAMissingTimestampRejectsUnlessThereIsNoWindow(t *testing.T) {
	t.Parallel()
	b := setup(t, clocked("s")).signed()
	b.request.Header.Del("X-Time")
	b.rejected(signature.MissingTimestamp)

	s := clocked("s")
	s.TS.Tol = new(int)
	b = setup(t, s).signed()
	b.header("x-time", "1").accepted()
	b.request.Header.Del("X-Time")
	b.accepted()

	s.Msg = "{ts}{body}"
	b = setup(t, s).signed()
	b.accepted()
	b.request.Header.Del("X-Time")
	b.rejected(signature.MissingTimestamp)
}

func TestATimestampIsSignedAsItIsWritten(t *testing.T) {
	t.Parallel()
	s := clocked("iso")
	s.Msg = "{ts}.{body}"
	b := setup(t, s).signed()
	require.Equal(t, "2023-11-14T22:13:20.000Z", b.request.Header.Get("X-Time"))
	b.accepted()
	b.header("x-time", "2023-11-14T22:13:20Z").rejected(signature.Mismatch)
}

func TestAnOptionalTimestampMayBeAbsent(t *testing.T) {
	t.Parallel()
	s := clocked("s")
	s.Msg = "{?{ts}:?}{body}"
	b := setup(t, s).signed()
	b.accepted()
	b.now = b.now.Add(time.Hour)
	b.rejected(signature.Stale)

	plain := setup(t, simple()).signed()
	b = setup(t, s).header("x-signature", plain.request.Header.Get("X-Signature"))
	b.accepted()
	b.header("x-time", "1700000000").rejected(signature.Mismatch)
}

func TestATimestampInTheBodyIsCovered(t *testing.T) {
	t.Parallel()
	tol := 60
	s := with(func(s *signature.Scheme) { s.TS = &signature.Timestamp{From: "json:sentAt", Unit: "ms", Tol: &tol} })
	b := setup(t, s).body(`{"sentAt":1}`).signed()
	require.JSONEq(t, `{"sentAt":1700000000000}`, string(b.request.Body))
	b.accepted()
	b.body(`{"sentAt":1700000000001}`).rejected(signature.Mismatch)
	b.body(`{"sentAt":1700000000000,"sentAt":1}`).rejected(signature.AmbiguousValue)
}
