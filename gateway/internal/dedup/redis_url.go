package dedup

import (
	"context"
	"errors"
	"net"

	"github.com/redis/go-redis/v9"
)

// parseURL reads the address of a Redis. The error quotes nothing of it, as it may hold a
// password.
func parseURL(url string) (*redis.Options, error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("not a URL such as redis://host:6379/0")
	}
	return o, nil
}

// followURL has each new connection use the host, user and password that the URL has then.
func followURL(o *redis.Options, reread func(context.Context) (string, error)) {
	current := func(ctx context.Context) (*redis.Options, error) {
		url, err := reread(ctx)
		if err != nil {
			return nil, err
		}
		return parseURL(url)
	}
	o.Dialer = func(ctx context.Context, network, _ string) (net.Conn, error) {
		now, err := current(ctx)
		if err != nil {
			return nil, err
		}
		return redis.NewDialer(now)(ctx, network, now.Addr)
	}
	o.CredentialsProviderContext = func(ctx context.Context) (username, password string, err error) {
		now, err := current(ctx)
		if err != nil {
			return "", "", err
		}
		return now.Username, now.Password, nil
	}
}
