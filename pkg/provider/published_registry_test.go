package provider_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// registryFormat changes when a field of the registry is renamed, removed, or means something else.
const registryFormat = 1

// registry is what others get to know of the presets: docs/reference/providers.json.
type registry struct {
	Format    int        `json:"format"    desc:"the version of these fields: it changes when one is renamed, removed, or means something else"`
	Licence   string     `json:"license"   desc:"of this file"`
	Page      string     `json:"page"      desc:"this page"`
	Providers []provided `json:"providers" desc:"every preset, by id"`
}

// provided is one preset.
type provided struct {
	ID       string   `json:"id"                 desc:"name of the preset"`
	Name     string   `json:"name"               desc:"name of the provider"`
	Category string   `json:"category"           desc:"kind of provider"`
	Evidence evidence `json:"evidence"           desc:"how far the entry can be trusted: A, read in the provider's own code or documentation; B, in a catalogue of others; C, known but not read again"`

	Scheme  signature.Scheme            `json:"scheme"             desc:"how a request is verified, as in [custom schemes](../guides/custom-scheme.md)"`
	Code    string                      `json:"code,omitempty"     desc:"Go code of package provider that verifies what no scheme can express"`
	Params  map[string]string           `json:"params,omitempty"   desc:"settings of that code"`
	Online  string                      `json:"online,omitempty"   desc:"what is fetched over the network to verify a request"`
	Secret  secretNeed                  `json:"secret"             desc:"what a receiver must know"`
	Config  map[string]provider.Setting `json:"config,omitempty"   desc:"further settings of a receiver, by name"`
	Allow   map[string]string           `json:"allow,omitempty"    desc:"settings that restrict authentic requests, by the expression that they restrict"`
	Require map[string]string           `json:"require,omitempty"  desc:"patterns of an authentic event, by expression"`

	EventID   signature.Strings `json:"eventId,omitempty"   desc:"expressions of the event's id; the first with a value counts"`
	EventType signature.Strings `json:"eventType,omitempty" desc:"expressions of the event's type, likewise"`

	SetUp      setUp             `json:"setUp"              desc:"what the provider needs while it is set up"`
	Sizes      sizes             `json:"sizes"              desc:"limits in bytes and seconds; 0: not known"`
	Repetition repetition        `json:"repetition"         desc:"what the provider sends again"`
	Notes      string            `json:"notes,omitempty"    desc:"what surprises people"`
	Vectors    []publishedVector `json:"vectors"            desc:"requests that we signed ourselves with a secret of ours; empty where that needs the provider's private key, or every signature is another one"`
}

type evidence struct {
	Scheme string `json:"scheme"           desc:"of everything but the next"`
	Habits string `json:"habits,omitempty" desc:"of deadlines and repetition"`
	Docs   string `json:"docs,omitempty"   desc:"the provider's own document"`
}

type secretNeed struct {
	What string            `json:"what,omitempty" desc:"the value to configure"`
	Use  string            `json:"use"            desc:"required, optional (the key is fetched without it) or none (nothing is signed)"`
	At   signature.Strings `json:"at,omitempty"   desc:"where in a request the secret itself travels, when no scheme says it"`
}

type setUp struct {
	Methods    signature.Strings    `json:"methods,omitempty"    desc:"HTTP methods of events, besides POST"`
	Handshakes []provider.Handshake `json:"handshakes,omitempty" desc:"questions before or between events, and their answers"`
	Probes     []provider.Probe     `json:"probes,omitempty"     desc:"what else it sends, and what it wants to hear"`
	Reply      provider.Reply       `json:"reply"                desc:"what it wants to hear for an event: 200 when empty"`
	Refusal    *provider.Reply      `json:"refusal,omitempty"    desc:"what it wants to hear for a request that is not authentic: 401 when empty"`
}

type sizes struct {
	BodyBytes       int64   `json:"bodyBytes"       desc:"largest body that it is known to send"`
	DeadlineSeconds float64 `json:"deadlineSeconds" desc:"how long it waits for the answer"`
}

type repetition struct {
	Words         string  `json:"words,omitempty" desc:"what it does after a failure"`
	Never         bool    `json:"never"           desc:"it never sends an event a second time by itself"`
	WindowSeconds float64 `json:"windowSeconds"   desc:"how long an event must be remembered to recognise its repetition"`
	Alike         bool    `json:"alike"           desc:"two events can have the same body and no id"`
}

type publishedVector struct {
	Time    int64             `json:"time"             desc:"when it is verified, in seconds since 1970"`
	Secret  string            `json:"secret"           desc:"the receiver's secret"`
	Config  map[string]string `json:"config,omitempty" desc:"the receiver's further settings"`
	Method  string            `json:"method"           desc:"HTTP method"`
	URL     string            `json:"url"              desc:"public address of the receiver, with the query"`
	Header  map[string]string `json:"header"           desc:"header fields"`
	Body    string            `json:"body"             desc:"the body, as text"`
	EventID string            `json:"eventId"          desc:"the event's id; empty where the request has none"`
	Type    string            `json:"eventType"        desc:"the event's type"`
}

const registryFile, registryPage = "../../docs/reference/providers.json", "../../docs/reference/registry.md"

func TestGeneratedRegistryHasEveryPreset(t *testing.T) {
	t.Parallel()
	r := registry{Format: registryFormat, Licence: "Apache-2.0", Page: "https://github.com/penstock/penstock/blob/main/docs/reference/registry.md"}
	for _, p := range presets() {
		r.Providers = append(r.Providers, providedOf(t, p))
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	require.NoError(t, encoder.Encode(r))
	golden(t, filepath.FromSlash(registryFile), out.Bytes())
}

func providedOf(t *testing.T, p *provider.Preset) provided {
	t.Helper()
	use := string(p.SecretUse)
	if use == "" {
		use = "required"
	}
	return provided{
		ID: p.ID, Name: p.Name, Category: p.Category, Evidence: evidence{p.Evidence, p.HabitsEvidence, p.Docs},
		Scheme: p.Scheme, Code: p.Code, Params: p.Params, Online: p.Online, Secret: secretNeed{p.Secret, use, p.SecretAt},
		Config: p.Config, Allow: p.Allow, Require: p.Require, EventID: p.EventID, EventType: p.EventType,
		SetUp:      setUp{p.Methods, p.Handshakes, p.Setup, p.Reply, p.Refusal},
		Sizes:      sizes{int64(p.MaxBodyMiB) << 20, p.Deadline.Seconds()},
		Repetition: repetition{p.Retries, p.NoRetry, cmp.Or(p.Window, provider.DefaultWindow).Seconds(), p.Alike},
		Notes:      p.Notes, Vectors: vectorsOf(t, p),
	}
}

// vectorsOf returns the sample of the preset, where it can be signed in the same way each time.
func vectorsOf(t *testing.T, p *provider.Preset) []publishedVector {
	t.Helper()
	if !symmetric(p) || slices.ContainsFunc(p.Scheme.Items, func(item string) bool { return strings.Contains(item, "{nonce}") }) {
		return []publishedVector{}
	}
	o := optionsFor(t, p)
	if len(o.Secrets) == 0 {
		return []publishedVector{}
	}
	source, err := provider.New(p, o)
	require.NoError(t, err)
	r := sampleOf(t, p, o)
	sign(t, p, o, r)
	v := publishedVector{Time: now, Secret: o.Secrets[0], Config: o.Config, Method: r.Method, URL: o.PublicURL, Header: map[string]string{}, Body: string(r.Body)}
	require.True(t, utf8.Valid(r.Body))
	if r.RawQuery != "" {
		v.URL += "?" + r.RawQuery
	}
	for name := range r.Header {
		v.Header[name] = r.Header.Get(name)
	}
	id, kind := source.Identify(r)
	if v.Type = kind; !p.Alike {
		v.EventID = id
	}
	return []publishedVector{v}
}

// TestThePublishedVectorsAreVerified does what a user of the file does: it reads it, and
// nothing else, and has each vector verified, once as it is and once changed.
func TestThePublishedVectorsAreVerified(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.FromSlash(registryFile))
	require.NoError(t, err)
	var r registry
	require.NoError(t, json.Unmarshal(text, &r))
	require.Equal(t, registryFormat, r.Format)
	require.Len(t, r.Providers, len(presets()))
	checked := 0
	for _, one := range r.Providers {
		for _, v := range one.Vectors {
			checked++
			p := &provider.Preset{ID: one.ID, Name: one.Name, Scheme: one.Scheme, Code: one.Code, Params: one.Params, Config: one.Config, Allow: one.Allow, Require: one.Require}
			require.True(t, verified(t, p, v, v.Secret), one.ID)
			require.False(t, verified(t, p, v, otherSecret(v.Secret)), one.ID)
		}
	}
	require.Greater(t, checked, len(presets())/2)
}

// verified verifies a vector with a secret.
func verified(t *testing.T, p *provider.Preset, v publishedVector, secret string) bool {
	t.Helper()
	public, query, _ := strings.Cut(v.URL, "?")
	source, err := provider.New(p, provider.Options{PublicURL: public, Secrets: []string{secret}, Config: v.Config})
	require.NoError(t, err, p.ID)
	r := &signature.Request{Method: v.Method, Path: "/in/source", RawQuery: query, Header: map[string][]string{}, Body: []byte(v.Body), PublicURL: public, Config: v.Config}
	for name, value := range v.Header {
		r.Header[name] = []string{value}
	}
	return source.Verify(t.Context(), r, time.Unix(v.Time, 0)).OK
}

// otherSecret returns a secret of the same form.
func otherSecret(secret string) string {
	at := len(secret) / 2
	other := byte('a')
	if secret[at] == other {
		other = 'b'
	}
	return secret[:at] + string(other) + secret[at+1:]
}

func TestGeneratedPageOfTheRegistryListsEveryField(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	out.WriteString(registryIntroduction)
	writeFields(&out, "The file", reflect.TypeFor[registry]())
	golden(t, filepath.FromSlash(registryPage), out.Bytes())
}

// writeFields writes the table of a type's fields, and those of the types that belong to the registry behind it.
func writeFields(out *bytes.Buffer, title string, of reflect.Type) {
	fmt.Fprintf(out, "\n## %s\n\n| field | what it holds |\n|---|---|\n", title)
	for _, f := range reflect.VisibleFields(of) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fmt.Fprintf(out, "| `%s` | %s |\n", name, strings.ReplaceAll(f.Tag.Get("desc"), "|", `\|`))
	}
	for _, f := range reflect.VisibleFields(of) {
		part := f.Type
		if part.Kind() == reflect.Slice {
			part = part.Elem()
		}
		if part.Kind() == reflect.Struct && part.PkgPath() == of.PkgPath() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			writeFields(out, "`"+name+"`", part)
		}
	}
}

const registryIntroduction = `<!-- Generated by "go generate ./pkg/provider". Do not edit: change pkg/provider. -->

# The registry of providers

[providers.json](providers.json) holds what Penstock knows of every provider: how it signs, what it needs while it is set up, its limits, and
what it sends again, with the evidence for each, and signed requests to test another implementation with. Each release has it as a file of its
own, ` + "`penstock-providers_VERSION.json`" + `. It may be used in any program, under the licence of Penstock.

A new field or provider does not change ` + "`format`" + `; what is renamed, removed or means something else does, and the changelog says it.
`
