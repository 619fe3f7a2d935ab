package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// patience is how long the sender waits for an answer: as the strictest providers do.
const patience = 10 * time.Second

// sender sends events as GitHub does.
type sender struct {
	url    string
	secret []byte
	book   *ledger
	kept   *http.Client // keeps its connections
	fresh  *http.Client // opens one for each request, as most providers do

	cancel  context.CancelFunc
	running sync.WaitGroup
}

func newSender(target string, secret []byte, book *ledger) *sender {
	client := func(fresh bool) *http.Client {
		return &http.Client{Timeout: patience, Transport: &http.Transport{
			DisableKeepAlives:   fresh,
			MaxIdleConnsPerHost: 64,
			ForceAttemptHTTP2:   !fresh,
			TLSClientConfig:     &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // certificates of a trial are self-signed
		}}
	}
	return &sender{url: target, secret: secret, book: book, kept: client(false), fresh: client(true)}
}

// start sends rate events a second, whatever becomes of them, until stop.
func (s *sender) start(ctx context.Context, rate int) {
	ctx, s.cancel = context.WithCancel(ctx)
	s.running.Go(func() {
		ticks := time.NewTicker(time.Second / time.Duration(rate))
		defer ticks.Stop()
		for n := 0; ; n++ {
			select {
			case <-ticks.C:
				s.running.Go(func() { s.send(context.WithoutCancel(ctx), n) })
			case <-ctx.Done():
				return
			}
		}
	})
}

// stop sends no more, and waits for the answers to what was sent.
func (s *sender) stop() {
	s.cancel()
	s.running.Wait()
	s.kept.CloseIdleConnections()
}

func (s *sender) send(ctx context.Context, n int) {
	body := fmt.Sprintf(`{"n":%d,"zen":"Keep it logically awesome."}`, n)
	ctx, doing := follow(ctx)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, strings.NewReader(body))
	if err != nil {
		s.book.fail(err.Error())
		return
	}
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Github-Event", "push")
	request.Header.Set("X-Github-Delivery", uuid.NewString())
	request.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	client := s.kept
	if n%2 == 0 {
		client = s.fresh
	}
	began := time.Now()
	response, err := client.Do(request)
	if err != nil {
		s.book.fail(cause(err) + ", " + doing())
		return
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, response.Body)
	if id := response.Header.Get("Penstock-Event-Id"); response.StatusCode/100 == 2 && id != "" {
		s.book.accept(id, time.Since(began).Milliseconds())
		if client == s.fresh { // the others keep what they once saw
			s.book.met(certificate(response))
		}
		return
	}
	s.book.fail(refusal(response))
}

// refusal is the status, and whether the sender is asked to come again.
func refusal(response *http.Response) string {
	if response.Header.Get("Retry-After") == "" {
		return response.Status
	}
	return response.Status + ", Retry-After"
}

// certificate is the name in the certificate of who answered; empty without TLS.
func certificate(response *http.Response) string {
	if response.TLS == nil || len(response.TLS.PeerCertificates) == 0 {
		return ""
	}
	return response.TLS.PeerCertificates[0].Subject.CommonName
}

// cause leaves out the address, which differs between requests.
func cause(err error) string {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	text := err.Error()
	if at := strings.LastIndex(text, ": "); at >= 0 {
		text = text[at+2:]
	}
	return text
}
