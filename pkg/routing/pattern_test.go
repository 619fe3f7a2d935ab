package routing

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestABindingMatchesAsTheBrokerDoes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, key string
		want         bool
	}{
		{"shop.order", "shop.order", true},
		{"shop.order", "shop.orders", false},
		{"shop.order", "shop.order.paid", false},
		{"shop.*", "shop.order", true},
		{"shop.*", "shop", false},
		{"shop.*", "shop.order.paid", false},
		{"shop.#", "shop", true},
		{"shop.#", "shop.order.paid", true},
		{"shop.#", "git.order", false},
		{"shop.#.paid", "shop.paid", true},
		{"shop.#.paid", "shop.a.b.paid", true},
		{"shop.#.paid", "shop.paid.late", false},
		{"shop.#.*", "shop", false},
		{"#.#", "a", true},
		{"#", "", true},
		{"shop.orders/*", "shop.orders/create", true},
		{"shop.orders/*", "shop.orders", false},
		{"shop.orders/*", "shop.orders/create/now", false},
		{"shop.orders/*", "shop.orders/create.v2", false},
		{"shop.orders/*.v2", "shop.orders/create.v2", true},
		{"shop.*/create", "shop.orders/create", true},
		{"shop.*/create", "shop.orders/delete", false},
		{"shop.orders/#", "shop.orders/create/now", true},
		{"shop.orders/#", "shop.order/create", false},
		{"shop.orders/create", "shop.orders/create", true},
		{"shop.*", "shop.orders/create", true},
		{"shop.#", "shop.orders/create", true},
		{"*.*.x", "a.b.x", true},
		{strings.Repeat("#.", 60) + "x", strings.Repeat("a.", 60) + "y", false}, // at once
	} {
		require.Equal(t, tc.want, parsePattern(tc.pattern).matches(strings.Split(tc.key, ".")), "%s %s", tc.pattern, tc.key)
	}
}

func TestATableKnowsTheRoutesOfAnEvent(t *testing.T) {
	t.Parallel()
	table := NewTable(map[string][]string{"all": {"shop.#", "git.#"}, "paid": {"shop.*.paid"}})
	for range 2 { // also from memory
		require.Equal(t, []string{"all", "paid"}, table.Match("shop", "order.paid"))
		require.Equal(t, []string{"all"}, table.Match("git", "push"))
		require.Empty(t, table.Match("other", "push"))
		require.Equal(t, []string{"all"}, table.Match("shop", ""))
	}
	for i := range maxKnown + 10 {
		table.Match("shop", strconv.Itoa(i))
	}
	known := 0
	table.known.Range(func(any, any) bool { known++; return true })
	require.Equal(t, maxKnown, known)
}

// naive is the definition, word by word.
func naive(p, key []string) bool {
	switch {
	case len(p) == 0:
		return len(key) == 0
	case p[0] == "#":
		return naive(p[1:], key) || len(key) > 0 && naive(p, key[1:])
	default:
		return len(key) > 0 && (p[0] == "*" || p[0] == key[0]) && naive(p[1:], key[1:])
	}
}

func TestMatchingIsWhatItsDefinitionSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.SampledFrom([]string{"#", "*", "a", "b"}), 1, 6).Draw(t, "pattern")
		key := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", ""}), 1, 6).Draw(t, "key")
		require.Equal(t, naive(p, key), pattern(p).matches(key))
	})
}
