package track

import (
	"strings"
	"testing"
	"time"

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
		{"*.*.x", "a.b.x", true},
		{strings.Repeat("#.", 60) + "x", strings.Repeat("a.", 60) + "y", false}, // at once
	} {
		require.Equal(t, tc.want, newPattern(tc.pattern).matches(strings.Split(tc.key, ".")), "%s %s", tc.pattern, tc.key)
	}
}

func TestARouterKnowsTheRoutesOfAnEvent(t *testing.T) {
	t.Parallel()
	since := time.Unix(1000, 0)
	r := newRouter(map[string][]string{
		"all": {"shop.#", "git.#"}, "paid": {"shop.*.paid"}, "new": {"shop.#"},
	}, map[string]time.Time{"new": since})
	for range 2 { // also from memory
		require.Equal(t, []string{"all", "new", "paid"}, r.match("shop", "order.paid", since))
		require.Equal(t, []string{"all", "paid"}, r.match("shop", "order.paid", since.Add(-1)))
		require.Equal(t, []string{"all"}, r.match("git", "push", since))
		require.Empty(t, r.match("other", "push", since))
	}
	for i := range maxSeen + 10 {
		r.match("shop", strings.Repeat("x", i%50)+string(rune('a'+i%26))+strings.Repeat(".y", i/50%300), since)
	}
	require.LessOrEqual(t, len(r.seen), maxSeen)
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
