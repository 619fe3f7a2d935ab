package e2e

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

// signed is a request that a provider signed, or sent its secret with.
type signed struct {
	source string // the id of the preset, and the name of its source
	secret string // as it is configured
	plain  string // as it travels, if it does
	tokens bool   // the secret travels
	inBody bool   // in the body, which stays as it is
	header http.Header
	query  string
	body   string
}

// catalogue signs a request of every preset that a source's secret can sign.
func catalogue(t *testing.T) []signed {
	t.Helper()
	var all []signed
	for _, p := range provider.All() {
		plain := "private-secret-of-" + p.ID
		one := signed{source: p.ID, secret: configured(p.Scheme.Key, plain), plain: plain, header: http.Header{"Content-Type": {"application/json"}}, body: `{"sample":true}`}
		places := p.Credentials(nil)
		one.tokens = len(places) > 0
		one.inBody = one.tokens && !slices.ContainsFunc(places, signature.Place.TravelsApart)
		switch p.ID { // what code alone reads
		case "microsoft-graph", "sharepoint":
			one.body = fmt.Sprintf(`{"value":[{"clientState":%q},{"clientState":%q}]}`, plain, plain)
		case "salesforce":
			one.body = "<E><Body><notifications><OrganizationId>" + plain + "</OrganizationId><Notification><Id>1</Id><sObject/></Notification></notifications></Body></E>"
		case "gitlab": // its alternate
			one.secret = plain
			one.header.Set("X-Gitlab-Token", plain)
		}
		if accepts(t, p, &one) {
			all = append(all, one)
		}
	}
	return all
}

// carrying lists the presets whose requests carry their secret.
func carrying() []string {
	var ids []string
	for _, p := range provider.All() {
		if len(p.Credentials(nil)) > 0 {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// configured writes the secret as the scheme decodes it.
func configured(key, plain string) string {
	switch key {
	case "base64", "whsec":
		return base64.StdEncoding.EncodeToString([]byte(plain))
	case "hex":
		return hex.EncodeToString([]byte(plain))
	default:
		return plain
	}
}

// accepts signs the request, if a source of the preset can, and reports whether the source
// takes it.
func accepts(t *testing.T, p *provider.Preset, one *signed) bool {
	t.Helper()
	if p.SecretUse != provider.SecretRequired || !p.Verifies() {
		return false
	}
	source, err := provider.New(p, provider.Options{Secrets: []string{one.secret}, PublicURL: publicURL + p.ID, Config: settingsOf(p)})
	if err != nil {
		return false // it wants a public key
	}
	r := &signature.Request{Method: http.MethodPost, Path: "/in/" + p.ID, Header: one.header, Body: []byte(one.body)}
	if !source.Verify(t.Context(), r, time.Now()).OK && source.Sign(r, time.Now()) != nil {
		return false
	}
	one.header, one.query, one.body = r.Header, r.RawQuery, string(r.Body)
	return source.Verify(t.Context(), r, time.Now()).OK
}

const publicURL = "https://hooks.example.com/in/"

func settingsOf(p *provider.Preset) map[string]string {
	values := map[string]string{}
	for name, setting := range p.Config {
		if setting.Default == "" {
			values[name] = "value"
		}
	}
	return values
}

// crowded is a stack with a source for each of the requests.
type crowded struct {
	*stack

	requests []signed
	arrivals *arrivals
	tracker  *tracker
	channel  *amqp091.Channel
}

// arrivals are whole requests that a destination got, as text, by path and event.
type arrivals struct {
	mu  sync.Mutex
	got map[string]string
}

func (a *arrivals) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.got[r.URL.Path+" "+r.Header.Get("Penstock-Event-Id")] = fmt.Sprintf("%s\n%v\n%s", r.URL.RawQuery, r.Header, body)
}

func (a *arrivals) await(t *testing.T, path, id string) (text string) {
	t.Helper()
	require.Eventually(t, func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		text = a.got[path+" "+id]
		return text != ""
	}, 60*time.Second, 20*time.Millisecond, "%s did not get %s", path, id)
	return text
}

func setupCrowded(t *testing.T, requests []signed) *crowded {
	t.Helper()
	c := &crowded{requests: requests, arrivals: &arrivals{got: map[string]string{}}}
	server := httptest.NewServer(c.arrivals)
	t.Cleanup(server.Close)
	var sources, names strings.Builder
	for i, r := range requests {
		p, _ := provider.Lookup(r.source)
		fmt.Fprintf(&sources, "  %s: {provider: %s, secrets: [\"${SECRET_%d}\"], publicURL: %s, config: {", r.source, r.source, i, publicURL+r.source)
		for name, value := range settingsOf(p) {
			fmt.Fprintf(&sources, "%s: %s, ", name, value)
		}
		sources.WriteString("}}\n")
		if r.tokens {
			names.WriteString(r.source + ", ")
		}
	}
	c.stack = setup(t, "sources:\n"+sources.String()+"destinations:\n  plain: {url: "+server.URL+"/plain}\n  forward: {url: "+server.URL+
		"/forward, forwardCredentials: true}\nroutes:\n  plain: {from: ["+names.String()+"], to: plain}\n  forward: {from: ["+names.String()+"], to: forward}\n")
	for i, r := range requests {
		c.env[fmt.Sprintf("SECRET_%d", i)] = r.secret
	}
	c.startGateway()
	c.startDeliverer()
	c.tracker = c.startTracker()
	connection, err := amqp091.Dial(c.broker)
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	c.channel, err = connection.Channel()
	require.NoError(t, err)
	_, err = c.channel.QueueDeclare("eavesdropper", true, false, false, false, amqp091.Table{"x-queue-type": "quorum"})
	require.NoError(t, err)
	require.NoError(t, c.channel.QueueBind("eavesdropper", "penstock.archive", "penstock.routes", false, nil))
	return c
}

// send sends the request, and returns the id of the event.
func (c *crowded) send(r signed) string {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.url+"/in/"+r.source+"?"+r.query, strings.NewReader(r.body))
	require.NoError(c.t, err)
	req.Header = r.header.Clone()
	a, err := do(c.client, req)
	require.NoError(c.t, err)
	require.Less(c.t, a.status, 300, "%s: %d %s", r.source, a.status, a.body)
	require.NotEmpty(c.t, a.eventID(), r.source)
	return a.eventID()
}

// published returns all messages that a queue beside the routes got, by their ids.
func (c *crowded) published(n int) map[string]amqp091.Delivery {
	c.t.Helper()
	all := map[string]amqp091.Delivery{}
	require.Eventually(c.t, func() bool {
		for {
			m, some, err := c.channel.Get("eavesdropper", true)
			require.NoError(c.t, err)
			if !some {
				return len(all) >= n
			}
			all[m.MessageId] = m
		}
	}, 60*time.Second, 50*time.Millisecond)
	return all
}

// views returns what people can see of an event, in every way that there is.
func (c *crowded) views(id string, alsoCLI bool) map[string]string {
	c.t.Helper()
	shown := map[string]string{}
	api := strings.TrimSuffix(c.tracker.url, "/api/v1")
	require.Eventually(c.t, func() bool { status, _ := c.tracker.ask("/events/" + id + "/payload"); return status == http.StatusOK },
		60*time.Second, 20*time.Millisecond, "the tracker does not know %s", id)
	for _, path := range []string{
		"/api/v1/events/" + id, "/api/v1/events/" + id + "/request", "/api/v1/events/" + id + "/payload",
		"/console/events/" + id, "/console/events/" + id + "?as=raw", "/console/events/" + id + "?as=hex", "/console/events/" + id + "/payload",
	} {
		res, err := http.Get(api + path)
		require.NoError(c.t, err)
		text, err := io.ReadAll(res.Body)
		require.NoError(c.t, err)
		_ = res.Body.Close()
		require.Equal(c.t, http.StatusOK, res.StatusCode, path)
		shown[path] = string(text)
	}
	if !alsoCLI {
		return shown
	}
	for _, flags := range [][]string{{"--request"}, {"--request", "-o", "yaml"}, {"--request", "-o", "json"}, {"--payload"}} {
		command := append([]string{"events", "show", id, "--api", api}, flags...)
		shown[strings.Join(command, " ")] = c.penstock(nil, command...)
	}
	return shown
}

func (c *crowded) requireHidden(where, text string, r signed) {
	c.t.Helper()
	spaced := strings.Join(strings.Fields(hex.EncodeToString([]byte(r.plain))), "")
	require.NotContains(c.t, text, r.plain, "%s of %s shows the secret", where, r.source)
	require.NotContains(c.t, strings.Join(strings.Fields(text), ""), spaced, "%s of %s shows the secret in hexadecimal", where, r.source)
	require.NotContains(c.t, text, r.secret, "%s of %s shows the secret", where, r.source)
}

// Who may look at events must not learn how to send them, and a receiver that is sent them
// only when the operator says so.
func TestASecretThatTravelsIsInNoEventNoViewAndNoDelivery(t *testing.T) {
	t.Parallel()
	requests := catalogue(t)
	c := setupCrowded(t, requests)
	ids := make([]string, len(requests))
	for i, r := range requests {
		ids[i] = c.send(r)
	}
	messages := c.published(len(requests))
	var tokens []string
	for i, r := range requests {
		m := messages[ids[i]]
		c.requireHidden("the message's header", fmt.Sprint(m.Headers), r)
		sameBytes(t, []byte(r.body), m.Body)
		for where, text := range c.views(ids[i], r.tokens) {
			c.requireHidden(where, text, r)
		}
		if !r.tokens {
			continue
		}
		tokens = append(tokens, r.source)
		plain, forwarded := c.arrivals.await(t, "/plain", ids[i]), c.arrivals.await(t, "/forward", ids[i])
		require.Contains(t, forwarded, r.plain, "%s is not forwarded", r.source)
		require.Equal(t, r.inBody, strings.Contains(plain, r.plain), "%s: %s", r.source, plain)
	}
	require.Equal(t, carrying(), tokens, "the presets whose requests carry their secret")
	t.Logf("%d presets, %d with a token", len(requests), len(tokens))
}

// An older gateway published the secret with the event.
func TestOldEventsAreShownAndDeliveredWithoutTheSecret(t *testing.T) {
	t.Parallel()
	requests := slices.DeleteFunc(catalogue(t), func(r signed) bool {
		return !slices.Contains([]string{"gitlab", "telegram", "mailchimp", "figma"}, r.source)
	})
	c := setupCrowded(t, requests)
	for _, r := range requests {
		old := &event.Event{ID: event.NewID(), Source: r.source, Type: "old", ReceivedAt: time.Now(), Attempt: 1, Body: []byte(r.body), Request: event.Request{
			Method: http.MethodPost, Path: "/in/" + r.source, Query: r.query, Header: []event.Field{{Name: "Content-Type", Value: "application/json"}},
		}}
		for name, values := range r.header {
			old.Request.Header = append(old.Request.Header, event.Field{Name: name, Value: values[0]})
		}
		m, err := event.Encode(old)
		require.NoError(t, err)
		headers := amqp091.Table{}
		maps.Copy(headers, m.Headers)
		for _, queue := range []string{"penstock.archive", "penstock.route.plain", "penstock.route.forward"} {
			require.NoError(t, c.channel.PublishWithContext(t.Context(), "penstock.routes", queue, true, false, amqp091.Publishing{
				MessageId: m.ID, Type: m.Type, AppId: m.AppID, Timestamp: m.Timestamp, ContentType: m.ContentType, DeliveryMode: amqp091.Persistent, Headers: headers, Body: m.Body,
			}))
		}
		for where, text := range c.views(old.ID, true) {
			c.requireHidden(where, text, r)
		}
		if !r.inBody {
			c.requireHidden("the delivery", c.arrivals.await(t, "/plain", old.ID), r)
		}
	}
}
