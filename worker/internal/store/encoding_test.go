package store_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/store"
)

// in are the options of a database with an encoding, where the locale allows each.
func in(encoding string) string {
	return fmt.Sprintf("ENCODING '%s' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0", encoding)
}

// A cluster that was made with the locale C has databases without an encoding, SQL_ASCII.
func TestTheStoreKeepsEveryTextOrDoesNotOpen(t *testing.T) {
	t.Parallel()
	for encoding, opens := range map[string]bool{"UTF8": true, "SQL_ASCII": true, "LATIN1": false, "WIN1252": false, "EUC_JP": false} {
		t.Run(encoding, func(t *testing.T) {
			t.Parallel()
			address := postgresWith(t, in(encoding))
			if !opens {
				_, err := store.Open(t.Context(), address)
				require.ErrorContains(t, err, "the database's encoding is "+encoding)
				require.ErrorContains(t, err, "ENCODING 'UTF8'")
				return
			}
			b := open(t.Context(), t, address)
			event := accepted(1, "billing")
			event.Type = "оплата.é.ß.😀"
			b.apply(t, store.Batch{Accepted: []store.Accepted{event}})
			kept, err := b.Event(b.ctx, event.ID)
			require.NoError(t, err)
			require.Equal(t, event.Type, kept.Type)
			for query, found := range map[string]int{event.Type: 1, "оплата.*": 1, "оплата": 0, "é*": 0} {
				require.Len(t, b.all(t, store.Query{Limit: 50, Type: query}), found, query)
			}
		})
	}
}
