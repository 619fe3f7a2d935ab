package deliver_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
)

// BenchmarkHandle delivers an event of 1 KiB to a receiver in the same process, signed and
// not: most of the time is HTTP's, on both sides.
func BenchmarkHandle(b *testing.B) {
	server := httptest.NewServer(status(http.StatusOK))
	b.Cleanup(server.Close)
	for name, change := range map[string]func(*config.Destination){
		"plain":  func(*config.Destination) {},
		"signed": signing(newKey),
	} {
		b.Run(name, func(b *testing.B) {
			to := settings(server.URL)
			change(to)
			d, e := destination(b, to), sample()
			e.Body = bytes.Repeat([]byte("x"), 1024)
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, handle(b, d, e))
			}
		})
	}
}
