package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestARouteCountsFromWhenItAppeared(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *bench) {
		at := func(bindings map[string]string, since time.Time) map[string]time.Time {
			t.Helper()
			from, err := b.Routes(b.ctx, bindings, since)
			require.NoError(t, err)
			return from
		}
		first := map[string]string{"a": "shop.#", "b": "shop.x"}
		require.Equal(t, map[string]time.Time{"a": {}, "b": {}}, at(first, start), "the first ones count from the beginning")
		require.Equal(t, map[string]time.Time{"a": {}, "b": {}}, at(first, start))
		changed := map[string]string{"a": "shop.#", "b": "shop.y", "c": "git.#"}
		require.Equal(t, map[string]time.Time{"a": {}, "b": start, "c": start}, at(changed, start))
		later := start.Add(time.Hour)
		require.Equal(t, map[string]time.Time{"b": start}, at(map[string]string{"b": "shop.y"}, later))
		require.Equal(t, map[string]time.Time{"b": start, "c": later}, at(map[string]string{"b": "shop.y", "c": "git.#"}, later))
	})
}
