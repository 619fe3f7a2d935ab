// Client posts a body of 1 KiB again and again with net/http and nothing else: what a
// deliverer could do if it had no broker, no retries and no records. It is a yardstick
// of `make bench`.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	url := flag.String("url", "", "where to post")
	requests := flag.Int64("requests", 20000, "how many requests")
	concurrency := flag.Int("concurrency", 16, "how many at a time")
	flag.Parse()

	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: *concurrency}}
	var left atomic.Int64
	left.Store(*requests)
	began := time.Now()
	var all sync.WaitGroup
	for range *concurrency {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				post(client, *url)
			}
		})
	}
	all.Wait()
	_, _ = fmt.Fprintln(os.Stdout, time.Since(began).Seconds())
}

func post(client *http.Client, url string) {
	res, err := client.Post(url, "application/json", bytes.NewReader(make([]byte, 1024))) //nolint:noctx // the client has a timeout
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		log.Fatal(err) //nolint:gocritic // a yardstick has nothing to clean up
	}
}
