package dedup

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// model is the entries of each source in a list, the newest last.
type model map[string][]digest

func (m model) used() (n int) {
	for _, kept := range m {
		n += len(kept)
	}
	return n
}

// use makes an entry the newest of its source.
func (m model) use(source string, of digest) {
	m[source] = append(slices.DeleteFunc(m[source], func(d digest) bool { return d == of }), of)
}

// dropLost removes the entry that made room for one of the source, and requires that it was
// the oldest of a source with the most entries: of its own, if that is one.
func (m model) dropLost(t *rapid.T, source string, r *recent) {
	lost, most := "", 0
	for other, kept := range m {
		most = max(most, len(kept))
		if len(kept) == 0 {
			continue
		}
		if _, there := r.place[kept[0]]; !there {
			require.Empty(t, lost, "one entry makes room")
			lost = other
		}
	}
	require.Len(t, m[lost], most)
	require.True(t, lost == source || len(m[source]) < most)
	m[lost] = m[lost][1:]
}

func TestTheEntriesOfEachSourceThatWereUsedLastAreKept(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 7).Draw(t, "most")
		r, kept, values := newRecent(most), model{}, map[digest]entry{}
		source := rapid.SampledFrom([]string{"a", "b", "c"})
		keyOf := func(source string) digest { return digest{source[0], rapid.ByteRange(0, 9).Draw(t, "key")} }
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				from, e := source.Draw(t, "source"), entry{expires: time.Duration(rapid.Int64().Draw(t, "expires"))}
				of := keyOf(from)
				if r.get(of) != nil {
					kept.use(from, of)
					return
				}
				full := kept.used() == most
				require.Equal(t, e, *r.add(of, from, e))
				if full {
					kept.dropLost(t, from, r)
				}
				values[of] = e
				kept.use(from, of)
			},
			"get": func(t *rapid.T) {
				from := source.Draw(t, "source")
				of := keyOf(from)
				e := r.get(of)
				require.Equal(t, slices.Contains(kept[from], of), e != nil)
				if e != nil {
					require.Equal(t, values[of], *e)
					kept.use(from, of)
				}
			},
			"remove": func(t *rapid.T) {
				from := source.Draw(t, "source")
				of := keyOf(from)
				r.remove(of)
				kept[from] = slices.DeleteFunc(kept[from], func(d digest) bool { return d == of })
			},
			"": func(t *rapid.T) {
				require.Len(t, r.place, kept.used())
				require.LessOrEqual(t, len(r.slots), most+len(r.rings))
				for source, of := range kept {
					for _, d := range of {
						require.Contains(t, r.place, d)
					}
					if n, known := r.shares[source]; known {
						require.EqualValues(t, len(of), r.rings[n].used)
					}
				}
			},
		})
	})
}

func TestASourceWithinItsShareLosesNothing(t *testing.T) {
	t.Parallel()
	const most, sources = 100, 4
	r := newRecent(most)
	for n := range byte(most / sources) {
		for _, calm := range []string{"a", "b", "c"} {
			r.add(digest{calm[0], n}, calm, entry{})
		}
	}
	for n := range 10 * most {
		r.add(digest{'x', byte(n), byte(n >> 8)}, "x", entry{})
	}
	for n := range byte(most / sources) {
		for _, calm := range []string{"a", "b", "c"} {
			require.NotNil(t, r.get(digest{calm[0], n}))
		}
	}
}
