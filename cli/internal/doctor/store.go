package doctor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// The two questions to a store.
const (
	askVersion = "SELECT max(version_id) FROM goose_db_version WHERE is_applied"
	askTime    = "SELECT now()"
)

func (i *Installation) store(ctx context.Context) []Finding {
	if i.StoreURL == "" {
		return []Finding{skipped("nobody said where the tracker's store is", "Say it with --store URL, or PENSTOCK_STORE_URL, where it can be reached from here.")}
	}
	db, name, err := openStore(i.StoreURL)
	if err != nil {
		return []Finding{failure(text(err), "Set PENSTOCK_STORE_URL to sqlite:PATH or postgres://USER@HOST/NAME.")}
	}
	defer func() { _ = db.Close() }()
	found := []Finding{schema(ctx, db, name)}
	if strings.HasPrefix(name, "PostgreSQL") && found[0].Status == OK {
		found = append(found, i.storeClock(ctx, db))
	}
	return found
}

// openStore opens a store to read. It does not make one, and its errors quote no URL.
func openStore(address string) (db *sql.DB, name string, err error) {
	scheme, rest, _ := strings.Cut(address, ":")
	switch scheme {
	case "sqlite":
		if _, err := os.Stat(rest); err != nil {
			return nil, "", fmt.Errorf("the store: %w", err)
		}
		path, err := filepath.Abs(rest)
		if err != nil {
			return nil, "", fmt.Errorf("the store: %w", err)
		}
		file := (&url.URL{Scheme: "file", OmitHost: true, Path: path}).String() + "?mode=ro&_pragma=busy_timeout(5000)"
		db, err = sql.Open("sqlite", file)
		return db, "SQLite " + path, err
	case "postgres", "postgresql":
		cfg, err := pgx.ParseConfig(address)
		if err != nil {
			return nil, "", errors.New("the store's address is not a valid PostgreSQL URL")
		}
		return stdlib.OpenDB(*cfg), "PostgreSQL " + cfg.Host + "/" + cfg.Database, nil
	default:
		return nil, "", errors.New("the store's address begins with neither sqlite: nor postgres://")
	}
}

// schema compares the version of the store's tables with what this release knows.
func schema(ctx context.Context, db *sql.DB, name string) Finding {
	var version int64
	err := db.QueryRowContext(ctx, askVersion).Scan(&version)
	switch {
	case err != nil && (strings.Contains(err.Error(), "goose_db_version")):
		return failure(name+" holds no store of a tracker", "Start 'worker track' with it: that makes the tables.")
	case err != nil:
		return failure(name+" cannot be read: "+text(err), "Look whether it runs there, and whether the user and the password are right.")
	case version < schemaVersion:
		return warning(fmt.Sprintf("%s has version %d of the tables, and this release has %d", name, version, schemaVersion),
			"Start a tracker of this release: it brings them up to date.")
	case version > schemaVersion:
		return warning(fmt.Sprintf("%s has version %d of the tables, and this release knows %d", name, version, schemaVersion),
			"Use the penstock command of the tracker's release.")
	default:
		return ok(fmt.Sprintf("%s can be read, and has version %d of the tables", name, version))
	}
}

func (i *Installation) storeClock(ctx context.Context, db *sql.DB) Finding {
	var at time.Time
	before := i.Now()
	if err := db.QueryRowContext(ctx, askTime).Scan(&at); err != nil {
		at = time.Time{}
	}
	return clock("the store", at, before, i.Now())
}
