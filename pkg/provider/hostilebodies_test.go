package provider_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// hostileBody is a body of about n bytes that costs much to look at. It keeps what
// the sample has where a preset looks for something, so that it looks valid.
type hostileBody struct {
	name, contentType string
	of                func(sample *signature.Request, p *provider.Preset, n int) []byte
}

const urlencodedType = "application/x-www-form-urlencoded"

// hostileBodies are the shapes: for each reader of bodies what makes it work most.
func hostileBodies() []hostileBody {
	const anyJSON, xml = "application/json", "text/xml"
	return []hostileBody{
		{"members", anyJSON, beside(func(n int) string { return "[" + repeated("{},", n) + "{}]" })},
		{"names", anyJSON, beside(func(n int) string { return "{" + repeated(`"a":1,`, n) + `"a":1}` })},
		{"escapes", anyJSON, beside(func(n int) string { return `"` + repeated(`\u0001`, n) + `"` })},
		{"quotes", anyJSON, beside(func(n int) string { return `"` + repeated(`\"`, n) + `"` })},
		{"depth", anyJSON, func(_ *signature.Request, _ *provider.Preset, n int) []byte { return []byte(repeated("[", n)) }},
		{"values", anyJSON, longValues(`\u0001`)},
		{"plain values", anyJSON, longValues("x")},
		{"tokens", anyJSON, tokenValues},
		{"sealed", anyJSON, func(_ *signature.Request, _ *provider.Preset, n int) []byte {
			return []byte(`{"encrypt":"` + repeated("AAAA", n/16*16) + `AAAA"}`)
		}},
		{"items", anyJSON, manyItems},
		{"zeros", "application/octet-stream", plainBytes("\x00")},
		{"separators", "text/plain", plainBytes("\u2028")},
		{"dots", "text/plain", plainBytes(".")},
		{"token", "text/plain", longToken},
		{"fields", urlencodedType, besideFields("a=b&")},
		{"empty fields", urlencodedType, besideFields("&")},
		{"escaped fields", urlencodedType, besideFields("%01=%01&")},
		{"one field", urlencodedType, besideFields("%01")},
		{"parts", "multipart/form-data; boundary=b", plainBytes("--b\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n")},
		{"most fields", urlencodedType, func(_ *signature.Request, _ *provider.Preset, n int) []byte {
			return []byte(strings.Repeat("a=b&", min(n/4, 9_998)))
		}},
		{"most parts", "multipart/form-data; boundary=b", func(_ *signature.Request, _ *provider.Preset, _ int) []byte {
			return []byte(strings.Repeat("--b\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n", 498) + "--b--\r\n")
		}},
		{"part headers", "multipart/form-data; boundary=b", func(_ *signature.Request, _ *provider.Preset, n int) []byte {
			return []byte("--b\r\n" + repeated("A: b\r\n", n) + "\r\n\r\n--b--\r\n")
		}},
		{"elements", xml, besideElements("<a/>")},
		{"attributes", xml, besideElements(`<a b="c" d="e" f="g"/>`)},
		{"namespaces", xml, besideElements(`<a xmlns:b="c"><b:d/></a>`)},
		{"notifications", xml, besideElements(`<Notification><Id>1</Id></Notification>`)},
		{"open elements", xml, besideElements(`<a>`)},
		{"entities", xml, besideElements(`&lt;`)},
		{"comments", xml, besideElements(`<!---->`)},
	}
}

func repeated(text string, n int) string { return strings.Repeat(text, n/len(text)) }

func plainBytes(unit string) func(*signature.Request, *provider.Preset, int) []byte {
	return func(_ *signature.Request, _ *provider.Preset, n int) []byte { return []byte(repeated(unit, n)) }
}

// beside puts a value into the sample's JSON object, or takes the value alone.
func beside(value func(n int) string) func(*signature.Request, *provider.Preset, int) []byte {
	return func(sample *signature.Request, _ *provider.Preset, n int) []byte {
		object, is := bytes.CutSuffix(sample.Body, []byte("}"))
		if !is || len(object) < 2 {
			return []byte(value(n))
		}
		return append(append(object, `,"hostile":`...), value(n)+"}"...)
	}
}

// longValues makes every text of the sample long: also what is signed by itself.
func longValues(unit string) func(*signature.Request, *provider.Preset, int) []byte {
	return func(sample *signature.Request, _ *provider.Preset, n int) []byte {
		const mark = `"sample-`
		count := bytes.Count(sample.Body, []byte(mark))
		if count == 0 {
			return sample.Body
		}
		return bytes.ReplaceAll(sample.Body, []byte(mark), []byte(`"`+repeated(unit, n/count)+`sample-`))
	}
}

// tokenValues makes every text of the sample a token: also what is the whole event.
func tokenValues(sample *signature.Request, p *provider.Preset, n int) []byte {
	text := regexp.MustCompile(`"sample-[^"]*"`)
	count := len(text.FindAll(sample.Body, -1))
	if count == 0 {
		return sample.Body
	}
	return text.ReplaceAllLiteral(sample.Body, append(append([]byte(`"`), longToken(sample, p, n/count)...), '"'))
}

// manyItems repeats the item of a list that code verifies one by one.
func manyItems(sample *signature.Request, p *provider.Preset, n int) []byte {
	var object map[string][]json.RawMessage
	if p.Params["list"] == "" || json.Unmarshal(sample.Body, &object) != nil {
		return sample.Body
	}
	item := string(object[p.Params["list"]][0])
	return []byte(`{"` + p.Params["list"] + `":[` + repeated(item+",", n) + item + `]}`)
}

// longToken is a JWT whose claims are long, of which there are many.
func longToken(_ *signature.Request, _ *provider.Preset, n int) []byte {
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"k1"}`))
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"data":"` + repeated(`\"`, n*3/4) + `"}`))
	return []byte(head + "." + claims + "." + base64.RawURLEncoding.EncodeToString(make([]byte, 256)))
}

func besideFields(unit string) func(*signature.Request, *provider.Preset, int) []byte {
	return func(sample *signature.Request, _ *provider.Preset, n int) []byte {
		text := repeated(unit, n)
		if sample.Header.Get("Content-Type") == urlencodedType {
			text = string(sample.Body) + "&" + text
		}
		return []byte(text)
	}
}

func besideElements(unit string) func(*signature.Request, *provider.Preset, int) []byte {
	return func(sample *signature.Request, _ *provider.Preset, n int) []byte {
		start, end, is := strings.Cut(string(sample.Body), "</notifications>")
		if !is {
			return []byte(repeated(unit, n))
		}
		return []byte(start + repeated(unit, n) + "</notifications>" + end)
	}
}
