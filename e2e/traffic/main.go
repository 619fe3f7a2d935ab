package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "traffic:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	listen := flag.String("listen", ":8099", "address")
	secret := flag.String("secret", "/run/secrets/github", "file with the webhook secret")
	flag.Parse()
	text, err := os.ReadFile(*secret)
	if err != nil {
		return fmt.Errorf("read the secret: %w", err)
	}
	book := newLedger()
	c := &control{ctx: ctx, book: book, secret: []byte(strings.TrimSpace(string(text))), receiver: &receiver{book: book}}
	server := &http.Server{Addr: *listen, Handler: c.routes(), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}
