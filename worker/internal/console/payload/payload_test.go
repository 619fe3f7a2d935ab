package payload_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/console/payload"
)

// whole joins the pieces of a view.
func whole(v payload.View) string {
	var b strings.Builder
	for _, p := range v.Pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}

func TestABodyHasTheShapesThatSuitIt(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body, contentType string
		want              []payload.Shape
	}{
		"JSON":                 {`{"a":1}`, "application/json", []payload.Shape{payload.Pretty, payload.Raw, payload.Hex}},
		"JSON of another name": {` [1]`, "text/plain", []payload.Shape{payload.Pretty, payload.Raw, payload.Hex}},
		"broken JSON":          {`{"a":`, "application/json", []payload.Shape{payload.Raw, payload.Hex}},
		"text":                 {"hello\n", "text/plain", []payload.Shape{payload.Raw, payload.Hex}},
		"a form":               {"a=1&b=%C3%A9", "application/x-www-form-urlencoded; charset=utf-8", []payload.Shape{payload.Pretty, payload.Raw, payload.Hex}},
		"a broken form":        {"a=%zz", "application/x-www-form-urlencoded", []payload.Shape{payload.Raw, payload.Hex}},
		"bytes":                {"\x00\x01\xff", "application/json", []payload.Shape{payload.Hex}},
		"nothing":              {"", "", []payload.Shape{payload.Raw, payload.Hex}},
	} {
		v := payload.Show([]byte(tc.body), tc.contentType, "", "")
		require.Equal(t, tc.want, v.Shapes, name)
		require.Equal(t, tc.want[0], v.Shape, name)
		require.Equal(t, payload.Hex, payload.Show([]byte(tc.body), tc.contentType, "", payload.Hex).Shape, name)
	}
}

func TestPrettyJSONKeepsWhatItSays(t *testing.T) {
	t.Parallel()
	v := payload.Show([]byte(`{"b":1.50,"a":[true,null,"x:\"y\""],"b":12345678901234567890,"e":{}}`), "application/json", "", payload.Pretty)
	require.Equal(t, "{\n  \"b\": 1.50,\n  \"a\": [\n    true,\n    null,\n    \"x:\\\"y\\\"\"\n  ],\n  \"b\": 12345678901234567890,\n  \"e\": {}\n}", whole(v)) //nolint:testifylint // the exact text matters: numbers, order and repetition must stay
	kinds := map[string]string{}
	for _, p := range v.Pieces {
		kinds[p.Text] = p.Kind
	}
	require.Equal(t, "key", kinds[`"b"`])
	require.Equal(t, "string", kinds[`"x:\"y\""`])
	require.Equal(t, "number-token", kinds["1.50"])
	require.Equal(t, "literal", kinds["true"])
}

func TestAFormIsAListOfFields(t *testing.T) {
	t.Parallel()
	v := payload.Show([]byte("a=1&b=x+y&a=%3Cb%3E&c"), "application/x-www-form-urlencoded", "", payload.Pretty)
	require.Equal(t, []payload.Pair{{"a", "1"}, {"b", "x y"}, {"a", "<b>"}, {"c", ""}}, v.Form)
}

func TestWhatIsLargeIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 300<<10)
	for _, shape := range []payload.Shape{payload.Raw, payload.Hex} {
		v := payload.Show([]byte(long), "text/plain", "", shape)
		require.True(t, v.Cut, shape)
		require.Equal(t, len(long), v.Size)
		require.Less(t, len(whole(v)), len(long))
		require.True(t, utf8.ValidString(whole(v)))
	}
	many := "[" + strings.Repeat("1,", 60<<10) + "1]"
	v := payload.Show([]byte(many), "application/json", "", payload.Pretty)
	require.True(t, v.Cut)
	require.LessOrEqual(t, len(v.Pieces), 20_001)
}

func TestACodedBodyIsShownAsText(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte("\xff\xfe{\x00\"\x00a\x00\"\x00:\x001\x00}\x00"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	v := payload.Show(packed.Bytes(), "application/json", "gzip", "")
	require.Equal(t, []payload.Shape{payload.Pretty, payload.Raw, payload.Hex}, v.Shapes)
	require.JSONEq(t, `{"a":1}`, whole(v))
	require.Equal(t, "from gzip, from another character set", v.How)
	require.Equal(t, packed.Len(), v.Size)
	sent := payload.Show(packed.Bytes(), "application/json", "gzip", payload.Hex)
	require.Empty(t, sent.How)
	require.Contains(t, whole(sent), "1f 8b")
}

func TestTextCannotTurnItselfAround(t *testing.T) {
	t.Parallel()
	v := payload.Show([]byte("a\u202eb\u2066c"), "text/plain", "", payload.Raw)
	require.Equal(t, "a\uFFFDb\uFFFDc", whole(v))
}

func TestASavedFileIsNamedForItsContent(t *testing.T) {
	t.Parallel()
	for contentType, want := range map[string]string{
		"application/json; charset=utf-8": ".json", "application/cloudevents+json": ".json", "text/xml": ".xml", "text/html": ".txt",
		"application/octet-stream": ".bin", "": ".bin", "nonsense;;": ".bin",
	} {
		require.Equal(t, want, payload.Extension(contentType), contentType)
	}
}

func FuzzShow(f *testing.F) {
	for _, seed := range []string{`{"a":[1,"x"]}`, "a=1&b", "\x00\xff", `"\`, `[tru`, `{"a\":1}`, "[-]"} {
		f.Add([]byte(seed), "application/json")
		f.Add([]byte(seed), "application/x-www-form-urlencoded")
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		for _, shape := range []payload.Shape{payload.Pretty, payload.Raw, payload.Hex} {
			v := payload.Show(body, contentType, "", shape)
			require.Contains(t, v.Shapes, v.Shape)
			require.True(t, utf8.ValidString(whole(v)))
		}
	})
}
