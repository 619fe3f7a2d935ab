package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Store is an open store. It is safe for concurrent use.
type Store struct {
	engine
}

// Open opens the store that url names, and brings its tables up to date:
//
//	sqlite:PATH           a file, made when it is missing
//	postgres://USER@HOST/NAME?…  a database that exists
//
// Its errors do not quote the URL, which may hold a password.
func Open(ctx context.Context, url string) (*Store, error) { return OpenFollowing(ctx, url, nil) }

// OpenFollowing is Open for a URL that may change: each connection to PostgreSQL asks
// reread, where it is not nil, for the host, user and password of then.
func OpenFollowing(ctx context.Context, url string, reread func(context.Context) (string, error)) (*Store, error) {
	e, err := openEngine(ctx, url, reread)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	return &Store{engine: e}, nil
}

func openEngine(ctx context.Context, url string, reread func(context.Context) (string, error)) (engine, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(ctx, rest)
	case "postgres", "postgresql":
		return openPostgres(ctx, url, reread)
	default:
		return engine{}, errors.New("the URL begins with neither sqlite: nor postgres://")
	}
}

// Ready returns nil when the store answers.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.read.PingContext(ctx); err != nil {
		return fmt.Errorf("ask the store: %w", err)
	}
	return nil
}

// Close closes the store. Running statements end first.
func (s *Store) Close() error {
	return errors.Join(s.write.Close(), s.read.Close())
}
