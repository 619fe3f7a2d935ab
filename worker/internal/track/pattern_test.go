package track

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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

func FuzzPattern(f *testing.F) {
	f.Add("a.#.b.*", "a.x.b.c")
	f.Add("#.#.#", "")
	f.Fuzz(func(t *testing.T, text, key string) {
		if len(text) > 60 || len(key) > 60 {
			t.Skip()
		}
		words := strings.Split(key, ".")
		if !strings.ContainsAny(text, "#*") {
			require.Equal(t, text == key, newPattern(text).matches(words))
		}
		require.True(t, pattern{"#"}.matches(words))
	})
}
