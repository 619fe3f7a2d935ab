package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// connections is how many connections a process opens to PostgreSQL at most, the
// lock's included.
const connections = 12

func openPostgres(ctx context.Context, url string) (engine, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return engine{}, errors.New("postgres: not a valid URL")
	}
	// A server notices within seconds that a process has vanished with its machine, so
	// that another can take the lock over.
	for name, value := range map[string]string{
		"application_name": "penstock", "tcp_keepalives_idle": "4", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3",
	} {
		if _, set := cfg.RuntimeParams[name]; !set {
			cfg.RuntimeParams[name] = value
		}
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections / 2)
	if err := migratePostgres(ctx, db); err != nil {
		return engine{}, errors.Join(err, db.Close())
	}
	return engine{
		write: db, read: db, bind: numbered,
		lock: func(ctx context.Context) (*Lock, error) { return lockPostgres(ctx, db) },
	}, nil
}

func migratePostgres(ctx context.Context, db *sql.DB) error {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	return migrate(ctx, db, goose.DialectPostgres, "postgres", goose.WithSessionLocker(locker))
}
