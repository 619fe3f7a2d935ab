package provider_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// FuzzSources hands arbitrary requests to the providers that need code. Nothing
// that was not signed may be accepted, and nothing may panic.
func FuzzSources(f *testing.F) {
	sources := codedSources(f)
	f.Add("{}", "a=1", "t=1,v0=x", "POST")
	f.Add(`{"encrypt":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`, "", "e30..AA", "POST")
	f.Add(`<a><b/></a>`, "%zz", "sign=a, env=b, t=1", "GET")
	f.Add(`{"value":[{},1,null]}`, "validationToken=x", "", "POST")
	f.Add(`{"signedPayload":"eyJ4NWMiOltdfQ.e30.AA"}`, "", "", "POST")
	f.Fuzz(func(t *testing.T, body, query, field, method string) {
		r := &signature.Request{Method: method, Path: "/in/source", RawQuery: query, Header: http.Header{}, Body: []byte(body)}
		for _, name := range []string{
			"X-Webhook-Signature", "X-Contentful-Signature", "X-Contentful-Signed-Headers", "Gcms-Signature", "X-Neon-Signature",
			"X-Neon-Timestamp", "X-Plivo-Signature-V3", "Tl-Signature", "X-Lark-Signature", "X-Ebay-Signature",
		} {
			r.Header.Set(name, field)
		}
		for id, source := range sources {
			if source.Verify(t.Context(), r, time.Unix(now, 0)).OK {
				t.Fatalf("%s accepted a request that nobody signed", id)
			}
			source.Handshake(t.Context(), r, false)
			source.Identify(r)
			source.Reply(r)
		}
	})
}

func codedSources(f *testing.F) map[string]*provider.Source {
	f.Helper()
	sources := map[string]*provider.Source{}
	for _, p := range presets() {
		if p.Code == "" && p.ID != "apple-appstore" {
			continue
		}
		o := optionsFor(f, p)
		o.HTTP = &http.Client{Transport: serving(nil)}
		source, err := provider.New(p, o)
		if err != nil {
			f.Fatal(p.ID, err)
		}
		sources[p.ID] = source
	}
	return sources
}
