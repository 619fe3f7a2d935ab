package journal_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/penstock/penstock/gateway/internal/journal"
)

// FuzzReader lets the reader look at anything. It must come to an end, and read again
// what it found when that is written again.
func FuzzReader(f *testing.F) {
	m := [16]byte([]byte("0123456789abcdef"))
	at := time.UnixMilli(1_700_000_000_000)
	two := journal.AppendFrame(journal.AppendFrame(nil, m, at, []byte("one")), m, at, []byte("two"))
	f.Add(two)
	f.Add(two[:len(two)-1])
	f.Add(two[5:])
	f.Add(append(bytes.Repeat(m[:], 20), two...))
	f.Add(append(m[:], bytes.Repeat([]byte{0xff}, 40)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, _, err := journal.Frames(m, bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		var again []byte
		for _, payload := range found {
			again = journal.AppendFrame(again, m, at, payload)
		}
		if len(again) > len(data) {
			t.Fatal("more was found than is there")
		}
		refound, _, err := journal.Frames(m, bytes.NewReader(again), int64(len(again)))
		if err != nil || len(refound) != len(found) {
			t.Fatal(len(found), len(refound), err)
		}
	})
}
