// Http is the least that any gateway on net/http does: it reads the body and answers. It
// verifies nothing and publishes nothing: what it costs, no gateway can come below. It is a
// yardstick of `make bench`.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"runtime"
)

func main() {
	http.HandleFunc("POST /in/github", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			http.Error(w, "bad body", http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
	http.HandleFunc("GET /mallocs", func(w http.ResponseWriter, _ *http.Request) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		_, _ = fmt.Fprint(w, m.Mallocs)
	})
	log.Fatal(http.ListenAndServe(os.Getenv("LISTEN"), nil)) //nolint:gosec // without timeouts, as the naive gateway is
}
