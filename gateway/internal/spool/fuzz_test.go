package spool_test

import (
	"testing"

	"github.com/penstock/penstock/gateway/internal/spool"
)

// FuzzRecord reads anything as a publication. What can be read can be written again.
func FuzzRecord(f *testing.F) {
	good, err := spool.Encode(publication("one"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := spool.Decode(data)
		if err != nil {
			return
		}
		again, err := spool.Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := spool.Decode(again); err != nil {
			t.Fatal(err)
		}
	})
}
