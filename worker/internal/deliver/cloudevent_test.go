package deliver_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/url"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
)

// readCloudEvent delivers an event in a format, and reads it as the official SDK does.
func readCloudEvent(t *testing.T, f config.Format, e *event.Event) (*cloudevents.Event, received) {
	t.Helper()
	r := deliverOne(t, e, func(d *config.Destination) { d.Format = f })
	request := r.Clone(t.Context()) // the server may still look at its own
	request.Body = io.NopCloser(bytes.NewReader(r.body))
	got, err := cloudevents.NewEventFromHTTPRequest(request)
	require.NoError(t, err)
	require.NoError(t, got.Validate())
	return got, r
}

func TestTheOfficialSDKReadsEveryFormatOfEveryBody(t *testing.T) {
	t.Parallel()
	bodies := map[string][]byte{
		"application/json": []byte("{\"amount\": 1e400, \"html\": \"<b>\"}"), "application/vnd.api+json; charset=utf-8": []byte(`[1,2]`),
		"application/xml": []byte("<a>\xff</a>"), "application/x-www-form-urlencoded": []byte("a=b"), "text/plain": []byte(""), "application/JSON": []byte("{broken"),
	}
	for kind, body := range bodies {
		for _, f := range []config.Format{config.CloudEventsBinary, config.CloudEventsStructured} {
			t.Run(string(f)+" "+kind, func(t *testing.T) {
				t.Parallel()
				e := sample()
				e.Type = `order "paid" 100% é`
				e.Body = body
				e.Request.Header = []event.Field{{Name: "Content-Type", Value: kind}, {Name: "Ce-Id", Value: "forged"}, {Name: "ce-subject", Value: "forged"}}
				got, r := readCloudEvent(t, f, e)
				require.Equal(t, e.ID, got.ID())
				require.Equal(t, "/in/shop", got.Source())
				typ := got.Type()
				if f == config.CloudEventsBinary { // the SDK leaves header fields as they came
					var err error
					typ, err = url.PathUnescape(typ)
					require.NoError(t, err)
				}
				require.Equal(t, e.Type, typ)
				require.Empty(t, got.Subject())
				require.WithinDuration(t, e.ReceivedAt, got.Time(), time.Microsecond)
				require.Equal(t, kind, got.DataContentType())
				require.Equal(t, string(body), string(got.Data()))
				require.Equal(t, e.ID, r.Header.Get("Penstock-Event-Id"))
				if f == config.CloudEventsBinary {
					require.Equal(t, body, r.body, "the body stays as it is")
				}
			})
		}
	}
}

func TestACompressedBodyIsUnpackedInADocument(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte(`{"id": 7}`))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	e := sample()
	e.Body = packed.Bytes()
	e.Request.Header = []event.Field{{Name: "Content-Type", Value: "application/json"}, {Name: "Content-Encoding", Value: "gzip"}}
	got, r := readCloudEvent(t, config.CloudEventsStructured, e)
	require.JSONEq(t, `{"id": 7}`, string(got.Data()))
	require.Empty(t, r.Header.Get("Content-Encoding"))

	e.Body = []byte("not gzip")
	c := settings("http://127.0.0.1:1/")
	c.Format = config.CloudEventsStructured
	err = handle(t, destination(t, c), e)
	require.True(t, fault.IsPermanent(err))
	require.Equal(t, fault.ReasonUnreadable, fault.ReasonOf(err))
}

func TestTheSignatureIsOfTheDocument(t *testing.T) {
	t.Parallel()
	r := deliverOne(t, sample(), func(d *config.Destination) {
		d.Format = config.CloudEventsStructured
		signing(newKey)(d)
	})
	require.Equal(t, signatureOf(t, newKey, r.Header.Get("Webhook-Id"), r.Header.Get("Webhook-Timestamp"), r.body), r.Header.Get("Webhook-Signature"))
}
