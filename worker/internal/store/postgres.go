package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// connections is how many connections a process opens to PostgreSQL at most.
const connections = 12

// How a process waits for another one that brings the tables up to date: how often it
// looks, and how many times.
const (
	migrationEvery = time.Second
	migrationTries = 600
)

func openPostgres(ctx context.Context, url string, reread func(context.Context) (string, error)) (engine, error) {
	cfg, err := parsePostgres(url)
	if err != nil {
		return engine{}, err
	}
	if err := fitPooler(ctx, cfg); err != nil {
		return engine{}, err
	}
	var options []stdlib.OptionOpenDB
	if reread != nil {
		options = append(options, stdlib.OptionBeforeConnect(followURL(reread)))
	}
	db := stdlib.OpenDB(*cfg, options...)
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

// parsePostgres reads the database's URL. The error quotes nothing of it, as it may hold a
// password.
func parsePostgres(url string) (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("postgres: not a valid URL")
	}
	// A connection pooler takes no other startup parameter than this one.
	if _, set := cfg.RuntimeParams["application_name"]; !set {
		cfg.RuntimeParams["application_name"] = "penstock"
	}
	return cfg, nil
}

// followURL has each new connection use the URL of then. Only how statements are sent
// stays as it was chosen at the start.
func followURL(reread func(context.Context) (string, error)) func(context.Context, *pgx.ConnConfig) error {
	return func(ctx context.Context, cfg *pgx.ConnConfig) error {
		url, err := reread(ctx)
		if err != nil {
			return fmt.Errorf("read the database's URL: %w", err)
		}
		now, err := parsePostgres(url)
		if err != nil {
			return err
		}
		cfg.Config = now.Config
		return nil
	}
}

// fitPooler chooses how statements are sent. A connection pooler such as PgBouncer may
// give each transaction another connection to the server, which does not know the
// statements that were prepared on an earlier one. So cfg then uses unnamed statements. It
// refuses a database that would refuse some events. One without an encoding, as a cluster with
// the locale C has them, keeps bytes as they are.
func fitPooler(ctx context.Context, cfg *pgx.ConnConfig) error {
	plain := cfg.Copy()
	conn, err := pgconn.ConnectConfig(ctx, &plain.Config)
	if err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	pooled, encoding, err := lookAt(ctx, conn)
	if err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	if encoding != "UTF8" && encoding != "SQL_ASCII" {
		return fmt.Errorf("postgres: the database's encoding is %s, which cannot hold every text: make one with ENCODING 'UTF8' TEMPLATE template0", encoding)
	}
	if pooled && cfg.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement {
		cfg.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	return nil
}

// lookAt reports whether a pooler is between this process and the server, and the database's
// encoding. Behind a pooler the process number that the connection was given at its start is
// not that of the server.
func lookAt(ctx context.Context, conn *pgconn.PgConn) (pooled bool, encoding string, err error) {
	results, err := conn.Exec(ctx, "SELECT pg_backend_pid(), current_setting('server_encoding')").ReadAll()
	if err != nil {
		return false, "", err
	}
	row := results[0].Rows[0]
	server, err := strconv.ParseUint(string(row[0]), 10, 32)
	return uint32(server) != conn.PID(), string(row[1]), err
}

func migratePostgres(ctx context.Context, db *sql.DB) error {
	locker, err := lock.NewPostgresTableLocker(lock.WithTableLockTimeout(migrationEvery, migrationTries))
	if err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	return migrate(ctx, db, goose.DialectPostgres, "postgres", goose.WithLocker(locker))
}
