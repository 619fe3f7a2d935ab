package retry_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/pkg/retry"
)

func parseList(t require.TestingT, texts ...string) []retry.Statuses {
	list := make([]retry.Statuses, len(texts))
	for i, text := range texts {
		require.NoError(t, list[i].UnmarshalText([]byte(text)), text)
	}
	return list
}

func TestStatusesAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]retry.Statuses{
		"408": {First: 408, Last: 408}, "500-599": {First: 500, Last: 599}, "!503": {First: 503, Last: 503, Except: true},
		"!400-499": {First: 400, Last: 499, Except: true}, "! 500 - 502": {First: 500, Last: 502, Except: true}, "101": {First: 101, Last: 101},
		"!204": {First: 204, Last: 204, Except: true}, "999": {First: 999, Last: 999},
	} {
		require.Equal(t, []retry.Statuses{want}, parseList(t, text))
	}
	for _, text := range []string{"", "!", "5xx", "99", "1000", "-500", "500-", "500-499", "200", "100-200", "299-300", "500--599", "!!503", "5 03", "٥٠٣", "500-599-600", "retry"} {
		var s retry.Statuses
		require.Error(t, s.UnmarshalText([]byte(text)), text)
		require.Zero(t, s)
	}
}

func TestAPolicyTriesAgainAfterTheStatusesThatItNames(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		list                    []string
		status                  int
		transient, triesItAgain bool
	}{
		"no list: a transient one":            {nil, 500, true, true},
		"no list: a permanent one":            {nil, 404, false, false},
		"a status of the list":                {[]string{"404"}, 404, false, true},
		"a status beside the list":            {[]string{"404"}, 500, true, false},
		"the first of a range":                {[]string{"500-599"}, 500, true, true},
		"the last of a range":                 {[]string{"500-599"}, 599, true, true},
		"past a range":                        {[]string{"500-599"}, 600, true, false},
		"an exception after its range":        {[]string{"500-599", "!503"}, 503, true, false},
		"an exception before its range":       {[]string{"!503", "500-599"}, 503, true, false},
		"beside an exception":                 {[]string{"500-599", "!503"}, 502, true, true},
		"exceptions alone: one of them":       {[]string{"!503"}, 503, true, false},
		"exceptions alone: another":           {[]string{"!503"}, 502, true, true},
		"exceptions alone: a permanent other": {[]string{"!503"}, 404, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := retry.Policy{On: parseList(t, tc.list...)}
			require.Equal(t, tc.triesItAgain, p.Retries(tc.status, tc.transient))
		})
	}
}

func TestStatusesAreWrittenAsTheyAreRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := retry.Statuses{First: rapid.IntRange(300, 999).Draw(t, "first"), Except: rapid.Bool().Draw(t, "except")}
		s.Last = rapid.IntRange(s.First, 999).Draw(t, "last")
		text, err := s.MarshalText()
		require.NoError(t, err)
		require.Equal(t, []retry.Statuses{s}, parseList(t, string(text)))
	})
}

func TestTheOrderOfAListDoesNotMatter(t *testing.T) {
	t.Parallel()
	entry := rapid.Custom(func(t *rapid.T) retry.Statuses {
		first := rapid.IntRange(300, 599).Draw(t, "first")
		return retry.Statuses{First: first, Last: rapid.IntRange(first, 599).Draw(t, "last"), Except: rapid.Bool().Draw(t, "except")}
	})
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(entry, 1, 8).Draw(t, "list")
		status, transient := rapid.IntRange(300, 599).Draw(t, "status"), rapid.Bool().Draw(t, "transient")
		shuffled := rapid.Permutation(list).Draw(t, "shuffled")
		require.Equal(t, retry.Policy{On: list}.Retries(status, transient), retry.Policy{On: shuffled}.Retries(status, transient))
	})
}
