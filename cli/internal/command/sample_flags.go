package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/penstock/penstock/cli/internal/place"
	"github.com/penstock/penstock/pkg/signature"
)

// sampleFlags say what is to be signed.
type sampleFlags struct {
	data    string
	file    string
	typ     string
	headers []string
	method  string
	at      string
	size    int // of a sample's body, about, in bytes; zero: as small as it is

	original []byte // the body as it was given
	fresh    bool   // whether a given body gets an id of its own
}

func (f *sampleFlags) register(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.data, "data", "", "the body")
	flags.StringVar(&f.file, "file", "", "`file` with the body; - for standard input")
	flags.StringVar(&f.typ, "type", "", "the event's `type`")
	flags.StringArrayVar(&f.headers, "header", nil, "add a header `field`, 'name: value' or name=value")
	flags.StringVar(&f.method, "method", http.MethodPost, "the HTTP `method`")
	flags.StringVar(&f.at, "at", "", "sign as of this `time`: RFC 3339, Unix seconds, or an offset from now such as -10m")
	c.MarkFlagsMutuallyExclusive("data", "file")
}

// build makes the request that is to be signed.
func (f *sampleFlags) build(t *target, address *url.URL, s Streams) (*signature.Request, error) {
	body, given, err := f.body(s)
	if err != nil {
		return nil, err
	}
	r := &signature.Request{
		Method: strings.ToUpper(f.method), PublicURL: t.options.PublicURL,
		Path: address.EscapedPath(), RawQuery: address.RawQuery, Header: http.Header{}, Body: body,
	}
	if err := f.setHeaders(r); err != nil {
		return nil, err
	}
	id, typ := t.identity()
	f.setContentType(r, t.shape(typ), given)
	fresh := freshID()
	if !place.SetHeader(r, id, fresh) && (!given || f.fresh) {
		_ = place.Set(r, id, fresh) // a sample without an id is told apart by its body
	}
	if given || f.typ != "" {
		return r, f.setType(r, typ)
	}
	_ = place.Set(r, typ, "test") // a sample does without a type where it has no simple place
	return r, nil
}

// freshID is a random id that begins with a letter: some providers' signatures need that, to
// tell an id from the time before it.
func freshID() string {
	id := uuid.New()
	id[0] |= 0xa0
	return id.String()
}

func (f *sampleFlags) setType(r *signature.Request, typ signature.Strings) error {
	if f.typ == "" {
		return nil
	}
	if err := place.Set(r, typ, f.typ); err != nil {
		return usage("--type: %w", err)
	}
	return nil
}

// body returns the body to sign, and whether it was given.
func (f *sampleFlags) body(s Streams) (body []byte, given bool, err error) {
	switch f.file {
	case "":
		body = []byte(f.data)
	case "-":
		body, err = io.ReadAll(s.In)
	default:
		body, err = os.ReadFile(f.file)
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the body: %w", err)
	}
	f.original = body
	return body, f.file != "" || f.data != "", nil
}

func (f *sampleFlags) setHeaders(r *signature.Request) error {
	for _, field := range f.headers {
		name, value, ok := strings.Cut(field, ":")
		if other, v, equals := strings.Cut(field, "="); equals && (!ok || len(other) < len(name)) {
			name, value, ok = other, v, true
		}
		if !ok || strings.TrimSpace(name) == "" {
			return usage("--header %s: neither 'name: value' nor name=value", field)
		}
		r.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return nil
}

// shape is what the sample body of a target looks like.
type shape struct {
	form  bool // it is a form
	empty bool // which has no fields but those that are signed
}

func (t *target) shape(typ signature.Strings) shape {
	scheme := t.scheme
	if t.preset != nil {
		scheme = t.preset.Scheme
	}
	signs, others := scheme.SignsForm()
	return shape{form: signs || place.WantsForm(typ), empty: signs && !others}
}

// setContentType sets the type of the body unless the flags did, and makes the
// sample body that goes with it.
func (f *sampleFlags) setContentType(r *signature.Request, sample shape, given bool) {
	switch {
	case given || sample.empty:
	case sample.form:
		r.Body = []byte("message=a+sample" + strings.Repeat(".", max(0, f.size-16)))
	default:
		r.Body = []byte(`{"message":"a sample` + strings.Repeat(".", max(0, f.size-22)) + `"}`)
	}
	if r.Header.Get("Content-Type") != "" {
		return
	}
	kind := "text/plain; charset=utf-8"
	switch {
	case json.Valid(r.Body):
		kind = "application/json"
	case sample.form:
		kind = "application/x-www-form-urlencoded"
	}
	r.Header.Set("Content-Type", kind)
}

// unchanged returns the file that holds the body, byte for byte, if there is one.
func (f *sampleFlags) unchanged(body []byte) string {
	if f.file == "" || f.file == "-" || !bytes.Equal(body, f.original) {
		return ""
	}
	return f.file
}

// parseURL reads --url; without one it makes an address that shows what is meant.
func parseURL(text, name string) (*url.URL, error) {
	if text == "" {
		return &url.URL{Scheme: "https", Host: "localhost:8443", Path: "/in/" + name}, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, usage("--url %s: not a URL with http or https", text)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.Fragment = ""
	return u, nil
}

// moment reads a point in time as --at and other flags have it. Empty: now.
func moment(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return now, nil
	}
	if offset, err := time.ParseDuration(text); err == nil {
		return now.Add(offset), nil
	}
	if days, err := strconv.Atoi(strings.TrimSuffix(text, "d")); err == nil && strings.HasSuffix(text, "d") {
		return now.AddDate(0, 0, days), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0), nil
	}
	return time.Time{}, usage("%s %s: not RFC 3339, Unix seconds, or an offset such as -10m or -2d", flag, text)
}
