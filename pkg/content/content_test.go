package content_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/content"
)

const sample = `{"id":"a-1","n":1,"text":"größe"}`

func coded(t *testing.T, name, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch name {
	case "gzip":
		w = gzip.NewWriter(&out)
	case "deflate":
		w = zlib.NewWriter(&out)
	case "bare deflate":
		w, err = flate.NewWriter(&out, 6)
	case "zstd":
		w, err = zstd.NewWriter(&out)
	case "br":
		w = brotli.NewWriter(&out)
	}
	require.NoError(t, err)
	_, err = io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func TestACodedBodyIsDecoded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat(sample, 10_000)
	for _, text := range []string{"", sample, long} {
		for name, tc := range map[string]struct {
			header string
			body   []byte
		}{
			"none":         {"", []byte(text)},
			"identity":     {"Identity", []byte(text)},
			"gzip":         {"gzip", coded(t, "gzip", text)},
			"x-gzip":       {" X-GZIP ", coded(t, "gzip", text)},
			"two members":  {"gzip", append(coded(t, "gzip", ""), coded(t, "gzip", text)...)},
			"deflate":      {"deflate", coded(t, "deflate", text)},
			"bare deflate": {"deflate", coded(t, "bare deflate", text)},
			"zstd":         {"zstd", coded(t, "zstd", text)},
			"brotli":       {"BR", coded(t, "br", text)},
		} {
			got, err := content.Decode(tc.header, tc.body, int64(len(text)))
			require.NoError(t, err, name)
			require.Equal(t, text, string(got), name)
			size, err := content.DecodedSize(tc.header, tc.body, int64(len(text)))
			require.NoError(t, err, name)
			require.EqualValues(t, len(text), size, name)
		}
	}
}

func TestABodyIsRefusedThatIsNotWhollyDecoded(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"gzip", "deflate", "bare deflate", "zstd", "br"} {
		header := strings.TrimPrefix(name, "bare ")
		whole := coded(t, name, sample)
		for what, tc := range map[string]struct {
			body  []byte
			limit int64
			want  error
		}{
			"cut off":           {whole[:len(whole)-3], 1 << 20, content.ErrBroken},
			"not coded":         {[]byte(sample), 1 << 20, content.ErrBroken},
			"nothing":           {nil, 1 << 20, content.ErrBroken},
			"something follows": {append(bytes.Clone(whole), "evil"...), 1 << 20, content.ErrBroken},
			"a bomb":            {coded(t, name, strings.Repeat("0", 5<<20)), 1 << 20, content.ErrTooLarge},
			"one byte too many": {whole, int64(len(sample)) - 1, content.ErrTooLarge},
		} {
			_, err := content.Decode(header, tc.body, tc.limit)
			if name == "zstd" && what == "nothing" { // a stream of no frames
				continue
			}
			require.ErrorIs(t, err, tc.want, "%s: %s", name, what)
		}
	}
	for _, header := range []string{"brotli", "gzip, gzip", "compress", "rot13"} {
		_, err := content.Decode(header, []byte(sample), 1<<20)
		require.ErrorIs(t, err, content.ErrCoding, header)
	}
}

// unicodeText has characters of one to four bytes.
const unicodeText = `{"text":"größe 😀"}`

func inUTF16(mark, big bool) []byte {
	units := utf16.Encode([]rune(unicodeText))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	var out []byte
	for _, u := range units {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return out
}

func inUTF32(text string, big bool) []byte {
	var out []byte
	for _, r := range text {
		four := []byte{byte(r), byte(r >> 8), byte(r >> 16), byte(r >> 24)}
		if big {
			four[0], four[1], four[2], four[3] = four[3], four[2], four[1], four[0]
		}
		out = append(out, four...)
	}
	return out
}

func TestTextIsReadInEveryUnicodeForm(t *testing.T) {
	t.Parallel()
	const text = unicodeText
	want := []byte(text)
	for name, tc := range map[string]struct {
		contentType string
		body        []byte
	}{
		"UTF-8":              {"application/json", []byte(text)},
		"UTF-8 with a mark":  {"application/json", []byte("\xef\xbb\xbf" + text)},
		"UTF-16LE with mark": {"application/json", inUTF16(true, false)},
		"UTF-16BE with mark": {"", inUTF16(true, true)},
		"UTF-16LE":           {"application/json", inUTF16(false, false)},
		"UTF-16BE":           {"application/json", inUTF16(false, true)},
		"UTF-16LE by name":   {"application/json; charset=UTF-16LE", inUTF16(false, false)},
		"UTF-16 by name":     {"application/json; charset=utf-16", inUTF16(false, true)},
		"UTF-32LE with mark": {"", inUTF32("\ufeff"+text, false)},
		"UTF-32BE with mark": {"", inUTF32("\ufeff"+text, true)},
		"UTF-32LE":           {"", inUTF32(text, false)},
		"UTF-32BE":           {"", inUTF32(text, true)},
		"UTF-32BE by name":   {`text/json; charset="utf-32be"`, inUTF32(text, true)},
		"UTF-8 called latin": {"application/json; charset=iso-8859-1", []byte(text)},
	} {
		got, ok := content.Text(tc.contentType, tc.body)
		require.True(t, ok, name)
		require.Equal(t, want, got, name)
		require.Equal(t, name == "UTF-8", content.Plain(tc.contentType, tc.body), name)
	}
	got, ok := content.Text("text/plain; charset=ISO-8859-1", []byte("gr\xf6\xdfe"))
	require.True(t, ok)
	require.Equal(t, "größe", string(got))
	one, ok := content.Text("", []byte("1\x00"))
	require.True(t, ok)
	require.Equal(t, "1", string(one))
}

func TestABinaryBodyIsNoText(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"random":                   "\x80\x81",
		"an odd number of bytes":   "\xff\xfea",
		"half a surrogate pair":    "\xff\xfe\x00\xd8",
		"a pair the wrong way":     "\xff\xfe\x00\xdc\x00\xd8",
		"beyond Unicode":           "\xff\xfe\x00\x00\xff\xff\xff\xff",
		"zeros":                    "\x00\x00\x00\x00",
		"a picture":                "\x89PNG\r\n\x1a\n\x00",
		"zeros that are no JSON":   "a\x00b\x00",
		"a mark and then no UTF-8": "\xef\xbb\xbf\xff",
	} {
		_, ok := content.Text("", []byte(body))
		require.False(t, ok, name)
	}
}

func TestAFormIsReadWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	for name, tc := range map[string]struct {
		contentType, body string
		want              []content.Field
		is                bool
		err               error
	}{
		"urlencoded":       {form, "a=1&b=x+y%26&a=2&c", []content.Field{{"a", "1"}, {"b", "x y&"}, {"a", "2"}, {"c", ""}}, true, nil},
		"with a charset":   {"Application/X-WWW-Form-Urlencoded; charset=utf-8", "a=1", []content.Field{{"a", "1"}}, true, nil},
		"empty":            {form, "", nil, true, nil},
		"a wrong value":    {form, "a=1&b=%zz", nil, true, content.ErrForm},
		"a wrong name":     {form, "a=1&%z=1", nil, true, content.ErrForm},
		"too many":         {form, strings.Repeat("a&", content.MaxFields), nil, true, content.ErrForm},
		"JSON":             {"application/json", "a=1", nil, false, nil},
		"nothing":          {"", "a=1", nil, false, nil},
		"no boundary":      {"multipart/form-data", "", nil, true, content.ErrForm},
		"another one":      {"multipart/form-data; boundary=x", "--y\r\n\r\n", nil, true, content.ErrForm},
		"no content type":  {"form", "a=1", nil, false, nil},
		"no parts at all":  {"multipart/form-data; boundary=x", "", nil, true, content.ErrForm},
		"a list of things": {"multipart/mixed; boundary=x", "", nil, false, nil},
	} {
		got, is, err := content.Form(tc.contentType, []byte(tc.body))
		require.ErrorIs(t, err, tc.err, name)
		require.Equal(t, tc.is, is, name)
		require.Equal(t, tc.want, got, name)
	}
}

func TestAMultipartFormIsReadWithoutItsFiles(t *testing.T) {
	t.Parallel()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	require.NoError(t, w.WriteField("payload", `{"a":1}`))
	file, err := w.CreateFormFile("thumb", "a.png")
	require.NoError(t, err)
	_, err = file.Write([]byte{0xff, 0})
	require.NoError(t, err)
	require.NoError(t, w.Close())
	fields, is, err := content.Form(w.FormDataContentType(), body.Bytes())
	require.NoError(t, err)
	require.True(t, is)
	require.Equal(t, []content.Field{{"payload", `{"a":1}`}}, fields)
	payload, ok := content.Payload(fields)
	require.True(t, ok)
	require.Equal(t, `{"a":1}`, payload)
}

func TestAPayloadIsAnObjectOrAList(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{`{}`: true, "\t[1]": true, `text`: false, ``: false, `1`: false} {
		_, ok := content.Payload([]content.Field{{"a", "{}"}, {"payload", value}})
		require.Equal(t, want, ok, value)
	}
}

func TestParseReadsWhatEncodingJSONReads(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`, `[]`, `null`, `true`, ` false `, `0`, `-1.5e+10`, `"a\u00e4\n\ud83d\ude00"`, `"\ud800"`, sample,
		`{"a":[1,{"b":null},[[]]],"c":{"d":{}}}`, `{"a":1,"a":2}`, "[\t1 ,\r\n2 ]", `{"\u0061":1}`, `12345678901234567890123`,
		strings.Repeat("[", content.MaxDepth) + strings.Repeat("]", content.MaxDepth),
	} {
		size, err := content.Measure(text)
		require.NoError(t, err, text)
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var want any
		require.NoError(t, d.Decode(&want))
		require.Equal(t, want, content.Parse(text, size), text)
	}
}

func TestMeasureRefuses(t *testing.T) {
	t.Parallel()
	for want, texts := range map[error][]string{
		content.ErrNoJSON: {
			``, ` `, `{`, `[`, `"`, `{"a"}`, `{"a":}`, `{"a":1,}`, `[1,]`, `[1 2]`, `1 2`, `tru`, `nul`, `01`, `1.`, `1e`, `-`, `+1`,
			`"\x"`, `"\u12g4"`, "\"\n\"", `{a:1}`, `'a'`, `a=1`, `[1}`, `{"a":1]`, "\x00", `{"a":1}x`, `.5`, `"\`, `"\u12`, `[,1]`, `{,}`,
		},
		content.ErrDepth:  {strings.Repeat("[", content.MaxDepth+2), strings.Repeat(`{"a":`, content.MaxDepth+2)},
		content.ErrNumber: {strings.Repeat("1", content.MaxNumber+1), `{"n":[` + strings.Repeat("9", 2<<20) + `]}`},
	} {
		for _, text := range texts {
			_, err := content.Measure(text)
			require.ErrorIs(t, err, want, "%.40q", text)
		}
	}
}

// allocated returns how many bytes f allocates.
func allocated(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

//nolint:paralleltest // it counts what is allocated
func TestNothingTakesMoreThanWasMeasured(t *testing.T) {
	members := make([]string, 5_000)
	for i := range members {
		members[i] = fmt.Sprintf(`"key-%d":%d`, i, i)
	}
	object := func(keys int) string { return "{" + strings.Join(members[:keys], ",") + "}" }
	for name, text := range map[string]string{
		"empty objects":   "[" + strings.Repeat("{},", 100_000) + "{}]",
		"empty lists":     "[" + strings.Repeat("[],", 100_000) + "[]]",
		"numbers":         "[" + strings.Repeat("1,", 100_000) + "1]",
		"texts":           "[" + strings.Repeat(`"",`, 100_000) + `""]`,
		"escapes":         "[" + strings.Repeat(`"\n",`, 100_000) + `""]`,
		"small objects":   "[" + strings.Repeat(`{"a":1},`, 100_000) + `{}]`,
		"nine keys":       "[" + strings.Repeat(`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1},`, 20_000) + `{}]`,
		"a wide object":   object(5_000),
		"fifty keys":      "[" + strings.Repeat(object(50)+",", 2_000) + "{}]",
		"sixty keys":      "[" + strings.Repeat(object(60)+",", 2_000) + "{}]",
		"lists in lists":  strings.Repeat("[", 900) + strings.Repeat("]", 900),
		"an ordinary one": "[" + strings.Repeat(`{"id":"a-1","name":"a name that is longer","tags":["a","b"],"by":{"id":7,"login":"x"}},`, 10_000) + "{}]",
	} {
		t.Run(name, func(t *testing.T) {
			size, err := content.Measure(text)
			require.NoError(t, err)
			var value any
			took := allocated(func() { value = content.Parse(text, size) })
			require.NotNil(t, value)
			require.LessOrEqual(t, took, size.Bytes()+(16<<10), "measured too little")
			require.Less(t, size.Bytes(), 2*took+(16<<10), "measured far too much")
			require.Less(t, allocated(func() { _, _ = content.Measure(text) }), int64(16<<10))
		})
	}
}

func TestABodyIsReadableInWhateverFormItCame(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		contentType, coding string
		body                []byte
		want                content.Readable
	}{
		"plain":            {"application/json", "", []byte(sample), content.Readable{[]byte(sample), true, ""}},
		"gzip":             {"application/json", "gzip", coded(t, "gzip", sample), content.Readable{[]byte(sample), true, "from gzip"}},
		"brotli":           {"application/json", "br", coded(t, "br", sample), content.Readable{[]byte(sample), true, "from br"}},
		"UTF-16":           {"application/json", "", inUTF16(true, false), content.Readable{[]byte(unicodeText), true, "from another character set"}},
		"both":             {"application/json", "zstd", coded(t, "zstd", string(inUTF16(false, true))), content.Readable{[]byte(unicodeText), true, "from zstd, from another character set"}},
		"decoded already":  {"application/json", "gzip", []byte(sample), content.Readable{[]byte(sample), true, ""}},
		"an unknown name":  {"application/json", "rot13", []byte(sample), content.Readable{[]byte(sample), true, ""}},
		"nothing":          {"", "", nil, content.Readable{nil, true, ""}},
		"bytes":            {"", "", []byte("\x80\x81"), content.Readable{[]byte("\x80\x81"), true, ""}},
		"a long one":       {"", "gzip", coded(t, "gzip", strings.Repeat("a", 65)), content.Readable{[]byte(strings.Repeat("a", 64)), false, "from gzip"}},
		"a long plain one": {"", "", []byte(strings.Repeat("a", 65)), content.Readable{[]byte(strings.Repeat("a", 64)), false, ""}},
		"a long UTF-16 one": {"", "", append([]byte("\xff\xfe"), bytes.Repeat([]byte("\x3d\xd8\x00\xde"), 20)...),
			content.Readable{[]byte(strings.Repeat("😀", 15)), false, "from another character set"}},
	} {
		got := content.Read(tc.contentType, tc.coding, tc.body, 64)
		require.Equal(t, string(tc.want.Text), string(got.Text), name)
		require.Equal(t, tc.want.Whole, got.Whole, name)
		require.Equal(t, tc.want.How, got.How, name)
	}
}

//nolint:paralleltest // it counts what is allocated
func TestABombCostsLittleBeforeItIsRefused(t *testing.T) {
	for _, name := range []string{"gzip", "deflate", "bare deflate", "zstd", "br"} {
		bomb := coded(t, name, strings.Repeat("0", 64<<20))
		took := allocated(func() {
			err := content.Copy(io.Discard, strings.TrimPrefix(name, "bare "), bomb, 1<<20)
			require.Error(t, err)
		})
		require.Less(t, took, int64(2<<20), name)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Add(`{"a":[1,{"b":null},[[]]],"c":{"d":{}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		size, err := content.Measure(text)
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var want any
		valid := json.Valid([]byte(text)) && d.Decode(&want) == nil
		if err == nil && !valid {
			t.Fatalf("%q is no JSON", text)
		}
		if valid && (err == content.ErrNoJSON) { //nolint:errorlint // nothing wraps it
			t.Fatalf("%q is JSON", text)
		}
		if err == nil && strings.ToValidUTF8(text, "") == text {
			require.Equal(t, want, content.Parse(text, size))
		}
	})
}

func FuzzContent(f *testing.F) {
	f.Add("gzip", "application/json", []byte("\x1f\x8b"))
	f.Add("zstd", "application/x-www-form-urlencoded", []byte("a=1"))
	f.Fuzz(func(t *testing.T, encoding, contentType string, body []byte) {
		plain, err := content.Decode(encoding, body, 1<<20)
		if err != nil {
			return
		}
		if text, ok := content.Text(contentType, plain); ok {
			_, _, _ = content.Form(contentType, text)
		}
	})
}
