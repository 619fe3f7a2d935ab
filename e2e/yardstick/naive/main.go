// Naive is the gateway that a good programmer writes in an afternoon: verify the
// signature, publish over a few connections, wait for the confirm, answer. It is the
// yardstick of `make bench`, and nothing else: it limits nothing, survives no lost
// connection, and takes a message that reached no queue for one that is safe.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net/http"
	_ "net/http/pprof" //nolint:gosec // on its own port of the loopback; the profile is what is compared
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const connections = 4

func main() {
	channels := make([]*amqp.Channel, connections)
	for i := range channels {
		channels[i] = open(os.Getenv("AMQP_URL"))
	}
	secret, queue := []byte(os.Getenv("SECRET")), os.Getenv("QUEUE")
	var next atomic.Uint64
	http.HandleFunc("POST /in/github", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 5<<20))
		if err != nil {
			http.Error(w, "bad body", http.StatusBadRequest)
			return
		}
		mac := hmac.New(sha256.New, secret)
		mac.Write(body)
		got, _ := hex.DecodeString(strings.TrimPrefix(r.Header.Get("X-Hub-Signature-256"), "sha256="))
		if !hmac.Equal(got, mac.Sum(nil)) {
			http.Error(w, "bad signature", http.StatusUnauthorized)
			return
		}
		confirm, err := channels[next.Add(1)%connections].PublishWithDeferredConfirmWithContext(r.Context(), "", queue, false, false, amqp.Publishing{
			DeliveryMode: amqp.Persistent, ContentType: r.Header.Get("Content-Type"), MessageId: r.Header.Get("X-Github-Delivery"),
			Timestamp: time.Now(), Headers: amqp.Table{"event": r.Header.Get("X-Github-Event")}, Body: body,
		})
		if err != nil {
			http.Error(w, "no broker", http.StatusServiceUnavailable)
			return
		}
		if ok, err := confirm.WaitContext(r.Context()); err != nil || !ok {
			http.Error(w, "not confirmed", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
	http.HandleFunc("GET /mallocs", func(w http.ResponseWriter, _ *http.Request) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		_, _ = fmt.Fprint(w, m.Mallocs)
	})
	log.Fatal(http.ListenAndServe(os.Getenv("LISTEN"), nil)) //nolint:gosec // without timeouts, as such gateways are written
}

func open(url string) *amqp.Channel {
	conn, err := amqp.Dial(url)
	if err != nil {
		log.Fatal(err)
	}
	ch, err := conn.Channel()
	if err != nil {
		log.Fatal(err)
	}
	if err := ch.Confirm(false); err != nil {
		log.Fatal(err)
	}
	return ch
}
