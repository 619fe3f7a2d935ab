package payload_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/worker/internal/console/payload"
)

func TestXMLIsIndented(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ body, want string }{
		"nested": {
			`<?xml version="1.0" encoding="ISO-8859-1"?><!-- n --><order id="1"><customer><name>Erika &amp; Co</name><vat/></customer></order>`,
			"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<!-- n -->\n<order id=\"1\">\n  <customer>\n    <name>Erika &amp; Co</name>\n    <vat/>\n  </customer>\n</order>",
		},
		"spaced":     {"<a>\n<b>1</b>\n\n</a>\n", "<a>\n  <b>1</b>\n</a>"},
		"empty":      {"<a></a>", "<a></a>"},
		"text":       {"<p>one <b>two</b></p>", "<p>one<b>two</b>\n</p>"},
		"a soap":     {`<s:Envelope xmlns:s="urn:x"><s:Body/></s:Envelope>`, "<s:Envelope xmlns:s=\"urn:x\">\n  <s:Body/>\n</s:Envelope>"},
		"with cdata": {"<a><![CDATA[<x>]]></a>", "<a><![CDATA[<x>]]></a>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := payload.Show([]byte(tt.body), "application/xml", "", "")
			require.Equal(t, payload.Pretty, v.Shape)
			require.Equal(t, tt.want, v.Pieces[0].Text)
		})
	}
	for name, body := range map[string]string{"not closed": "<a><b>", "no XML": "< 1", "too deep": strings.Repeat("<a>", 10_000) + strings.Repeat("</a>", 10_000)} {
		v := payload.Show([]byte(body), "application/xml", "", "")
		require.Equal(t, payload.Raw, v.Shape, name)
	}
}
