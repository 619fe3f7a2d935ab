package view_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/view"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sample is an event whose header fields are given as name, value, name, value.
func sample(body string, fields ...string) *event.Event {
	e := &event.Event{Source: "shop", Type: "order.paid", Body: []byte(body)}
	for i := 0; i < len(fields); i += 2 {
		e.Request.Header = append(e.Request.Header, event.Field{Name: fields[i], Value: fields[i+1]})
	}
	return e
}

func zipped(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return out.String()
}

const (
	form   = "application/x-www-form-urlencoded"
	opened = `{"a":"x"}`
)

func TestABodyIsReadAsWhatItIs(t *testing.T) {
	t.Parallel()
	object := map[string]any{"a": "x"}
	none := map[string]any{}
	multipart := "--b\r\nContent-Disposition: form-data; name=\"payload\"\r\n\r\n" + opened + "\r\n--b--\r\n"
	for name, tc := range map[string]struct {
		event *event.Event
		body  any
		form  map[string]any
	}{
		"JSON":                        {sample(opened, "Content-Type", "application/json"), object, none},
		"a number":                    {sample(`1.50`), json.Number("1.50"), none},
		"a byte order mark":           {sample("\xef\xbb\xbf" + opened), object, none},
		"UTF-16":                      {sample("\xff\xfe{\x00\"\x00a\x00\"\x00:\x00\"\x00x\x00\"\x00}\x00"), object, none},
		"a wrong byte within JSON":    {sample("{\"a\":\"\xff\"}"), map[string]any{"a": "\ufffd"}, none},
		"compressed":                  {sample(zipped(opened), "content-encoding", "gzip"), object, none},
		"decoded on its way":          {sample(opened, "Content-Encoding", "gzip"), object, none},
		"text":                        {sample("hello"), "hello", none},
		"nothing":                     {sample(""), "", none},
		"two JSON values":             {sample("1 2"), "1 2", none},
		"XML":                         {sample("<a/>", "Content-Type", "application/xml"), "<a/>", none},
		"a form":                      {sample("b=1&c=x+y&b=2", "Content-Type", form), "b=1&c=x+y&b=2", map[string]any{"b": "1", "c": "x y"}},
		"a form with a payload":       {sample("payload=%7B%22a%22%3A%22x%22%7D&b=1", "Content-Type", form), object, map[string]any{"payload": opened, "b": "1"}},
		"a compressed one":            {sample(zipped("payload=%7B%22a%22%3A%22x%22%7D"), "Content-Type", form, "Content-Encoding", "gzip"), object, map[string]any{"payload": opened}},
		"a multipart one":             {sample(multipart, "Content-Type", "multipart/form-data; boundary=b"), object, map[string]any{"payload": opened}},
		"a form of another name":      {sample("payload=%7B%7D", "Content-Type", "text/plain"), "payload=%7B%7D", none},
		"a payload that is no object": {sample("payload=1", "Content-Type", form), "payload=1", map[string]any{"payload": "1"}},
	} {
		v, done := view.Of(t.Context(), tc.event)
		body, err := v.Body(t.Context())
		require.NoError(t, err, name)
		require.Equal(t, tc.body, body, name)
		fields, err := v.Form(t.Context())
		require.NoError(t, err, name)
		require.Equal(t, tc.form, fields, name)
		done()
	}
}

func TestABodyThatCannotBeReadIsAnErrorWithItsReason(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]*event.Event{
		"neither JSON nor text":        sample("\x89PNG\r\n\x1a\n\x00"),
		"neither JSON nor text ":       sample("\xff\xfe\x00\xd8"),
		"content coding that cannot":   sample("x", "Content-Encoding", "rot13"),
		"not in the content coding":    sample("x", "Content-Encoding", "gzip"),
		"not in the content coding ":   sample(zipped(opened)+"evil", "Content-Encoding", "gzip"),
		"nested too deeply":            sample(strings.Repeat("[", 2000) + strings.Repeat("]", 2000)),
		"number with too many digits":  sample(`{"n":` + strings.Repeat("9", 2<<20) + `}`),
		"number with too many digits ": sample("payload=%5B"+strings.Repeat("9", 2<<20)+"%5D", "Content-Type", form),
		"decoded body is too large":    sample(zipped(strings.Repeat(" ", event.MaxBody+1)), "Content-Encoding", "gzip"),
	} {
		v, done := view.Of(t.Context(), e)
		_, err := v.Body(t.Context())
		require.ErrorIs(t, err, view.ErrUnreadable, want)
		require.ErrorContains(t, err, strings.TrimSpace(want))
		require.Equal(t, fault.ReasonUnreadable, fault.ReasonOf(err))
		done()
	}
	v, done := view.Of(t.Context(), sample("a=1&b=%zz", "Content-Type", form))
	defer done()
	_, err := v.Form(t.Context())
	require.ErrorIs(t, err, view.ErrUnreadable)
	body, err := v.Body(t.Context())
	require.NoError(t, err)
	require.Equal(t, "a=1&b=%zz", body)
}

func TestRulesThatShareAContextReadTheBodyOnce(t *testing.T) {
	t.Parallel()
	ctx, done := view.Share(t.Context())
	defer done()
	e := sample(opened)
	address := func(ctx context.Context, e *event.Event) uintptr {
		v, done := view.Of(ctx, e)
		defer done()
		body, err := v.Body(ctx)
		require.NoError(t, err)
		return reflect.ValueOf(body).Pointer()
	}
	first := address(ctx, e)
	inner, innerDone := view.Share(ctx)
	require.Equal(t, first, address(inner, e))
	innerDone()
	require.Equal(t, first, address(ctx, e), "the inner one ended the outer one")
	require.NotEqual(t, first, address(ctx, sample(opened)), "another event")
}

// crowd is a body that takes many times its size.
func crowd(n int) string { return "[" + strings.Repeat("{},", n) + "{}]" }

func TestABodyAboveTheBudgetIsNeverRead(t *testing.T) {
	t.Parallel()
	ctx := view.WithBudget(t.Context(), view.NewBudget(1<<20))
	v, done := view.Of(ctx, sample(crowd(20_000), "X-Region", "eu"))
	defer done()
	_, err := v.Body(ctx)
	require.ErrorIs(t, err, view.ErrTooLarge)
	require.Equal(t, fault.ReasonUnreadable, fault.ReasonOf(err))
	require.Equal(t, map[string]string{"x-region": "eu"}, v.Headers())

	ordinary, done := view.Of(ctx, sample(`["`+strings.Repeat("x", 60_000)+`"]`))
	defer done()
	_, err = ordinary.Body(ctx)
	require.NoError(t, err, "as large, with fewer values")
}

func TestAReaderWaitsUntilThereIsRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx := view.WithBudget(t.Context(), view.NewBudget(1<<20))
		large := func() (*view.View, func()) { return view.Of(ctx, sample(crowd(8_000))) }
		first, firstDone := large()
		_, err := first.Body(ctx)
		require.NoError(t, err)

		read := make(chan error)
		waiting, stop := context.WithCancel(ctx)
		go func() {
			v, done := large()
			defer done()
			_, err := v.Body(waiting)
			read <- err
		}()
		synctest.Wait()
		small, smallDone := view.Of(ctx, sample(opened))
		_, err = small.Body(ctx)
		require.NoError(t, err, "a small body waited for a large one")
		smallDone()

		stop()
		require.ErrorIs(t, <-read, context.Canceled)

		go func() {
			v, done := large()
			defer done()
			_, err := v.Body(ctx)
			read <- err
		}()
		synctest.Wait()
		firstDone()
		require.NoError(t, <-read)
	})
}

func TestEverythingIsGivenBack(t *testing.T) {
	t.Parallel()
	ctx := view.WithBudget(t.Context(), view.NewBudget(1<<20))
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			v, done := view.Of(ctx, sample(crowd(i*50), "Content-Type", []string{form, "application/json"}[i%2]))
			defer done()
			if _, err := v.Body(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	v, done := view.Of(ctx, sample(crowd(10_000)))
	defer done()
	_, err := v.Body(ctx)
	require.NoError(t, err, "the largest body that fits")
}

func TestAnErrorOfTheWaitDoesNotStay(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancel(t.Context())
	end()
	v, done := view.Of(t.Context(), sample(opened))
	defer done()
	_, err := v.Body(ended)
	if err != nil { // there is room at once, so it need not fail
		require.ErrorIs(t, err, context.Canceled)
	}
	_, err = v.Body(t.Context())
	require.NoError(t, err)
}

func ExampleShare() {
	ctx, done := view.Share(context.Background())
	defer done()
	v, _ := view.Of(ctx, &event.Event{Body: []byte(`{"id": 7}`)})
	body, err := v.Body(ctx)
	fmt.Println(body, err)
	// Output: map[id:7] <nil>
}
