package rabbit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
)

// timeout bounds one request.
const timeout = 15 * time.Second

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 64 << 20

// Management is a broker's management interface, for one virtual host. It is safe for
// concurrent use.
type Management struct {
	base, user, password, vhost string
	client                      *http.Client
}

// Queue is what the interface says of a queue. The numbers lag by seconds.
type Queue struct {
	Name      string `json:"name"`
	Type      string `json:"type"`     // quorum, stream or classic
	Messages  int    `json:"messages"` // ready and unacknowledged
	Consumers int    `json:"consumers"`

	Policy         string   `json:"policy"`          // which applies; empty: none
	OperatorPolicy string   `json:"operator_policy"` // likewise
	Arguments      Settings `json:"arguments"`       // with which it was declared
	Effective      Settings `json:"effective_policy_definition"`
}

// Settings are arguments of a queue, or the definition of a policy.
type Settings map[string]any

// UnmarshalJSON takes an empty list, too: so the interface writes an empty object at times.
func (s *Settings) UnmarshalJSON(text []byte) error {
	var all map[string]any
	if err := json.Unmarshal(text, &all); err == nil {
		*s = all
	}
	return nil
}

// New returns the interface of a broker at a URL. User and password are the URL's, or the
// broker's when it names none. Its errors quote neither.
func New(ctx context.Context, raw string, broker amqpx.Config) (*Management, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("the management URL is not http://host:port or http://user:password@host:port")
	}
	m := &Management{vhost: broker.Vhost(), client: &http.Client{Timeout: timeout}}
	if u.User == nil {
		m.user, m.password, err = broker.Credentials(ctx)
	} else {
		m.user = u.User.Username()
		m.password, _ = u.User.Password()
		u.User = nil
	}
	m.base = strings.TrimSuffix(u.String(), "/")
	return m, err
}

// Queues returns the queues whose name starts with prefix, by name.
func (m *Management) Queues(ctx context.Context, prefix string) ([]Queue, error) {
	var all []Queue
	if err := m.get(ctx, "/api/queues/"+url.PathEscape(m.vhost), &all); err != nil {
		return nil, fmt.Errorf("list queues: %w", err)
	}
	all = slices.DeleteFunc(all, func(q Queue) bool { return !strings.HasPrefix(q.Name, prefix) })
	slices.SortFunc(all, func(a, b Queue) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// Exchanges returns the names of the exchanges that start with prefix, in their order.
func (m *Management) Exchanges(ctx context.Context, prefix string) ([]string, error) {
	var all []struct {
		Name string `json:"name"`
	}
	if err := m.get(ctx, "/api/exchanges/"+url.PathEscape(m.vhost), &all); err != nil {
		return nil, fmt.Errorf("list exchanges: %w", err)
	}
	var names []string
	for _, e := range all {
		if strings.HasPrefix(e.Name, prefix) {
			names = append(names, e.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Bindings returns the bindings that leave an exchange.
func (m *Management) Bindings(ctx context.Context, exchange string) ([]amqpx.Binding, error) {
	var all []struct {
		Source      string `json:"source"`
		Key         string `json:"routing_key"`
		Destination string `json:"destination"`
		Kind        string `json:"destination_type"`
	}
	path := fmt.Sprintf("/api/exchanges/%s/%s/bindings/source", url.PathEscape(m.vhost), url.PathEscape(exchange))
	if err := m.get(ctx, path, &all); errors.Is(err, errNotFound) {
		return nil, nil // nothing leaves an exchange that is not there
	} else if err != nil {
		return nil, fmt.Errorf("list bindings of %s: %w", exchange, err)
	}
	bindings := make([]amqpx.Binding, 0, len(all))
	for _, a := range all {
		b := amqpx.Binding{Source: a.Source, Key: a.Key, Queue: a.Destination}
		if a.Kind == "exchange" {
			b.Queue, b.Exchange = "", a.Destination
		}
		bindings = append(bindings, b)
	}
	return bindings, nil
}

// errNotFound means that there is no such thing.
var errNotFound = errors.New("the management interface answers 404")

func (m *Management) get(ctx context.Context, path string, out any) error {
	_, err := m.ask(ctx, path, out)
	return err
}

// ask reads the answer into out, unless that is nil.
func (m *Management) ask(ctx context.Context, path string, out any) (http.Header, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, m.base+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth(m.user, m.password)
	response, err := m.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusNotFound {
		return nil, errNotFound
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the management interface answers %s", response.Status)
	}
	if out == nil {
		return response.Header, nil
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(out); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return response.Header, nil
}
