package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/pressly/goose/v3"

	"modernc.org/sqlite" // which is the driver "sqlite" as well
	sqlite3 "modernc.org/sqlite/lib"
)

// readers is how many searches run at a time on SQLite.
const readers = 4

// openSQLite opens a file with one connection that writes and a few that read, which
// the write-ahead log keeps out of each other's way. A commit is not flushed to the
// disk at once: after a power cut the last ones may be undone, and then the streams
// are read again from where the store stands.
func openSQLite(ctx context.Context, path string) (engine, error) {
	if path == "" {
		return engine{}, errors.New("sqlite: no path is given")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return engine{}, fmt.Errorf("sqlite: %w", err)
	}
	e := engine{bind: asIs, lock: func(ctx context.Context) (*Lock, error) { return lockFile(ctx, path+".lock") }}
	if e.write, err = connectSQLite(path, "&_txlock=immediate"); err != nil {
		return engine{}, err
	}
	e.write.SetMaxOpenConns(1)
	if err := migrateSQLite(ctx, e.write, path); err != nil {
		return engine{}, errors.Join(explainCorruption(err, path), e.write.Close())
	}
	if e.read, err = connectSQLite(path, "&_pragma=query_only(1)"); err != nil {
		return engine{}, errors.Join(err, e.write.Close())
	}
	e.read.SetMaxOpenConns(readers)
	e.read.SetMaxIdleConns(readers)
	return e, nil
}

// explainCorruption says of a file that SQLite cannot read what to do.
func explainCorruption(err error, path string) error {
	failed, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch failed.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s is corrupt: stop the trackers, move the file away with those beside it that end in -wal and -shm, and start them again. "+
			"They fill a new one with what the streams still hold: %w", path, err)
	default:
		return err
	}
}

func connectSQLite(path, more string) (*sql.DB, error) {
	name := (&url.URL{Scheme: "file", OmitHost: true, Path: path}).String() +
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)" +
		"&_pragma=cache_size(-65536)&_pragma=temp_store(MEMORY)&_pragma=wal_autocheckpoint(4000)&_pragma=journal_size_limit(67108864)" + more
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	return db, nil
}

// migrateSQLite lets one process at a time bring the tables up to date.
func migrateSQLite(ctx context.Context, db *sql.DB, path string) error {
	lock, err := awaitLock(ctx, func(ctx context.Context) (*Lock, error) { return lockFile(ctx, path+".migrate") })
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	defer lock.Release()
	return migrate(ctx, db, goose.DialectSQLite3, "sqlite")
}
