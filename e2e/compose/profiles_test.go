//go:build compose

package compose_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProfilesBringRedisAndPostgreSQL(t *testing.T) {
	build(t)
	folder := secrets(t)
	t.Setenv("PENSTOCK_REDIS_URL", "redis://redis:6379/0")
	t.Setenv("PENSTOCK_STORE_URL", "postgres://penstock:penstock@postgres/penstock?sslmode=disable")
	t.Setenv("COMPOSE_PROFILES", "redis,postgres")
	t.Cleanup(func() { remove(t) })
	compose(t, "up", "--detach", "--wait", "--wait-timeout", "600", "--no-build")
	c := traffic()
	c.Start(t, target, 20)
	c.Flow(t, 50)
	require.Zero(t, c.Settle(t).FailedAll)
	followed(t, project+"_penstock", folder)
	require.NotEqual(t, "0", compose(t, "exec", "-T", "redis", "redis-cli", "dbsize"), "events are remembered in Redis")
	tables := compose(t, "exec", "-T", "--env", "PGPASSWORD=penstock", "postgres", "psql", "-U", "penstock", "-tAc", "select count(*) from information_schema.tables where table_schema='public'")
	require.NotEqual(t, "0", tables, "the store is in PostgreSQL")
}
