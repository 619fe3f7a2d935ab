package consume_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/status"
)

// handling runs a handler over an event with the body, and returns what is recorded.
func handling(t *testing.T, body string, h consume.HandlerFunc) status.Record {
	t.Helper()
	j := setupJournal(t, h)
	j.message.Body = []byte(body)
	j.process(t)
	require.Len(t, j.records, 1)
	return j.records[0]
}

func TestAHandlersErrorIsRecordedInWords(t *testing.T) {
	t.Parallel()
	body := `{"order":{"customer":null,"id":4711882,"mail":"a.b@example.org","name":"Erika Muster","note":"tok_1234567890abcdefghijklmnop"}}`
	_, number := strconv.Atoi("4711882x")
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"a sentence":           {errors.New("order.customer is null"), "order.customer is null"},
		"the words of a key":   {errors.New(`there is no "customer" in it`), `there is no "customer" in it`},
		"a number":             {errors.New("no order 4711882"), "no order [payload]"},
		"a number of another":  {errors.New("no order 99999"), "no order 99999"},
		"an address":           {errors.New("mail to a.b@example.org failed"), "mail to [payload] failed"},
		"a quoted value":       {fmt.Errorf("no customer %q", "Erika Muster"), `no customer "[payload]"`},
		"a token":              {errors.New("refused: tok_1234567890abcdefghijklmnop"), "refused: [payload]"},
		"another package's":    {number, `strconv.Atoi: parsing "4711882x": invalid syntax`},
		"one of encoding/json": {json.Unmarshal([]byte(`{"a": Q}`), new(any)), "invalid character 'Q' looking for beginning of value"},
		"permanent":            {fault.Permanent(errors.New("no such plan")), "no such plan"},
		"more than it may be":  {errors.New(strings.Repeat("é", 1000)), strings.Repeat("é", status.MaxError/2)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, handling(t, body, func(context.Context, *event.Event) error { return tt.err }).Error)
		})
	}
}

// What an error quotes may be longer than what is kept, or than what is looked through.
func TestALongQuotationIsHiddenWhole(t *testing.T) {
	t.Parallel()
	for _, words := range []int{100, 10_000} {
		note := strings.Repeat("Erika Muster ", words)
		got := handling(t, `{"note":"`+note+`"}`, func(context.Context, *event.Event) error { return fmt.Errorf("no such note: %q", note) })
		require.True(t, strings.HasPrefix(got.Error, "no such note: "), got.Error)
		require.NotContains(t, got.Error, "Erika")
	}
}

func TestWhatCannotBeLookedThroughIsTakenToHoldEverything(t *testing.T) {
	t.Parallel()
	got := handling(t, strings.Repeat(" ", 2<<20), func(context.Context, *event.Event) error { return errors.New("no order 4711") })
	require.Equal(t, "no order [payload]", got.Error)
}

func TestAPanicIsRecordedWithItsTypeAndItsPlace(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		handler consume.HandlerFunc
		want    string
	}{
		"a text":  {func(context.Context, *event.Event) error { panic("Erika Muster") }, `^panic with a string in .*TestAPanic.* \(describe_test\.go:\d+\)$`},
		"a bound": {func(_ context.Context, e *event.Event) error { at := len(e.Body); _ = e.Body[at]; return nil }, `^panic: runtime error: index out of range .*in .*\(describe_test\.go:\d+\)$`},
		"a nil":   {func(context.Context, *event.Event) error { var m map[string]int; m["a"] = 1; return nil }, `^panic: assignment to entry in nil map in .*\(describe_test\.go:\d+\)$`}, //nolint:govet,staticcheck // it is the panic that is tested
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := handling(t, "{}", tt.handler)
			require.Regexp(t, tt.want, got.Error)
			require.Equal(t, fault.ReasonPanic, got.Reason)
			require.Equal(t, status.Retrying, got.Kind)
		})
	}
}

func TestTheErrorOfARuleIsRecordedInWords(t *testing.T) {
	t.Parallel()
	no := errors.New("no such key: amount")
	for name, change := range map[string]func(*consume.Options){
		"filter": func(o *consume.Options) {
			o.Filter = func(context.Context, *event.Event) (bool, error) { return false, no }
		},
		"transformation": func(o *consume.Options) {
			o.Transform = func(context.Context, *event.Event) (*event.Event, error) { return nil, no }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := setupJournal(t, returning(nil))
			change(&j.options)
			j.process(t)
			require.Contains(t, j.records[0].Error, "no such key: amount")
			require.Contains(t, j.only(t).Message.Text(event.HeaderError), "no such key: amount")
		})
	}
}
