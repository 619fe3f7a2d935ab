package dedup

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A model is a list of keys, the newest last.
func TestTheEntriesThatWereUsedLastAreKept(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 5).Draw(t, "most")
		r := newRecent(most)
		var kept []digest
		values := map[digest]entry{}
		use := func(of digest) {
			kept = append(slices.DeleteFunc(kept, func(d digest) bool { return d == of }), of)
			kept = kept[max(0, len(kept)-most):]
		}
		key := rapid.Custom(func(t *rapid.T) digest { return digest{rapid.ByteRange(0, 9).Draw(t, "key")} })
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				of, e := key.Draw(t, "of"), entry{expires: time.Duration(rapid.Int64().Draw(t, "expires"))}
				if known := r.get(of); known != nil {
					*known = e
				} else {
					r.add(of, e)
				}
				values[of] = e
				use(of)
			},
			"get": func(t *rapid.T) {
				of := key.Draw(t, "of")
				e := r.get(of)
				require.Equal(t, slices.Contains(kept, of), e != nil)
				if e != nil {
					require.Equal(t, values[of], *e)
					use(of)
				}
			},
			"remove": func(t *rapid.T) {
				of := key.Draw(t, "of")
				r.remove(of)
				kept = slices.DeleteFunc(kept, func(d digest) bool { return d == of })
			},
			"": func(t *rapid.T) {
				require.Len(t, r.place, len(kept))
				require.LessOrEqual(t, len(r.slots), most+1)
				for _, of := range kept {
					require.Contains(t, r.place, of)
				}
			},
		})
	})
}
