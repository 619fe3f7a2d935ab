package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/worker/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a store and its address.
type bench struct {
	*store.Store
	ctx context.Context
	url string
}

// onBoth runs a test on SQLite and on PostgreSQL: both keep the same promises.
func onBoth(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	for name, fresh := range map[string]func(*testing.T) string{"SQLite": sqlite, "PostgreSQL": postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			t.Cleanup(cancel)
			test(t, open(ctx, t, fresh(t)))
		})
	}
}

func open(ctx context.Context, t *testing.T, url string) *bench {
	t.Helper()
	s, err := store.Open(ctx, url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return &bench{s, ctx, url}
}

func sqlite(t *testing.T) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "odd ?name%20.db")
}

// postgres makes a database that is dropped with the test.
func postgres(t *testing.T) string {
	t.Helper()
	return postgresWith(t, "")
}

// postgresWith is postgres with options of CREATE DATABASE.
func postgresWith(t *testing.T, options string) string {
	t.Helper()
	address, err := server()
	require.NoError(t, err)
	admin, err := sql.Open("pgx", address)
	require.NoError(t, err)
	name := "test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	_, err = admin.ExecContext(t.Context(), "CREATE DATABASE "+name+" "+options)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := admin.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
		require.NoError(t, err)
		require.NoError(t, admin.Close())
	})
	u, err := url.Parse(address)
	require.NoError(t, err)
	u.Path = "/" + name
	return u.String()
}

// server returns the address of the tests' PostgreSQL, and starts it when there is none.
var server = sync.OnceValues(func() (string, error) {
	const variable = "PENSTOCK_TEST_POSTGRES_URL"
	if address := os.Getenv(variable); address != "" {
		return address, nil
	}
	cmd := exec.Command("../../../.ci/postgres", "up", "test")
	var progress bytes.Buffer
	cmd.Stderr = &progress
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("start PostgreSQL: %w\n%s", err, progress.String())
	}
	return strings.TrimPrefix(strings.TrimSpace(string(out)), variable+"="), nil
})

// pooled makes a database that is dropped with the test, and returns its address behind
// a PgBouncer in the mode given, which it starts when there is none.
func pooled(t *testing.T, mode string) string {
	t.Helper()
	direct, err := url.Parse(postgres(t))
	require.NoError(t, err)
	cmd := exec.Command("../../../.ci/pgbouncer", "up", mode)
	var progress bytes.Buffer
	cmd.Stderr = &progress
	out, err := cmd.Output()
	require.NoError(t, err, progress.String())
	pooler, err := url.Parse(strings.TrimSpace(string(out)))
	require.NoError(t, err)
	pooler.Path = direct.Path
	return pooler.String()
}

var start = time.UnixMilli(1764000000000).UTC()

// accepted is an entry of the archive; the offset makes everything else of it.
func accepted(offset int64, routes ...string) store.Accepted {
	return store.Accepted{
		ID: id(offset), Source: "shop", Type: "order.paid", ProviderID: fmt.Sprintf("p%d", offset),
		ReceivedAt: start.Add(time.Duration(offset) * time.Second), Size: 100, Offset: offset, Routes: routes,
	}
}

func id(n int64) string { return fmt.Sprintf("0199d3c4-7a51-7cc1-8f0a-%012d", n) }

// record says that something happened to the event on the route, a while after it came.
func record(n int64, route string, kind status.Kind) status.Record {
	at := start.Add(time.Duration(n) * time.Second)
	return status.Record{
		Kind: kind, Event: id(n), Source: "shop", Type: "order.paid", Route: route,
		Attempt: 1, ReceivedAt: at, At: at.Add(time.Minute),
	}
}

func (b *bench) apply(t *testing.T, batch store.Batch) {
	t.Helper()
	require.NoError(t, b.Apply(b.ctx, &batch))
}

func (b *bench) event(t *testing.T, n int64) *store.Event {
	t.Helper()
	e, err := b.Event(b.ctx, id(n))
	require.NoError(t, err)
	return e
}

// all follows the pages to the end, and returns the ids.
func (b *bench) all(t *testing.T, q store.Query) []string {
	t.Helper()
	ids := []string{}
	for {
		page, err := b.Events(b.ctx, q)
		require.NoError(t, err)
		for _, e := range page.Events {
			ids = append(ids, e.ID)
		}
		if page.Next.IsZero() {
			return ids
		}
		q.After = page.Next
	}
}
