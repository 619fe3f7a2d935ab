package provision

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/penstock/penstock/pkg/topology"
)

// policyTimeout bounds one request to the management interface.
const policyTimeout = 5 * time.Second

// policyPriority puts our policies, which match one stream each, before those for many.
const policyPriority = 10

// policy is what RabbitMQ's management interface reads and writes.
type policy struct {
	Pattern    string     `json:"pattern"`
	Definition definition `json:"definition"`
	Priority   int        `json:"priority"`
	ApplyTo    string     `json:"apply-to"`
}

type definition struct {
	MaxAge   string `json:"max-age,omitempty"`
	MaxBytes int64  `json:"max-length-bytes,omitempty"`
}

// policyName is what a stream's policy is called.
func policyName(stream string) string { return strings.ReplaceAll(stream, ".", "-") }

func policyFor(r topology.Retention) policy {
	return policy{Pattern: r.Pattern(), Definition: definition{r.MaxAge, r.MaxBytes}, Priority: policyPriority, ApplyTo: "queues"}
}

// setPolicies bounds the streams by policies, which can change, where arguments cannot.
func setPolicies(ctx context.Context, at Access, bounds []topology.Retention) error {
	for _, r := range bounds {
		if err := setPolicy(ctx, at, r); err != nil {
			return fmt.Errorf("set the policy %s: %w", policyName(r.Stream), err)
		}
	}
	return nil
}

// setPolicy leaves one alone that is as it should be: the broker applies it to all queues again.
func setPolicy(ctx context.Context, at Access, r topology.Retention) error {
	path := fmt.Sprintf("/api/policies/%s/%s", url.PathEscape(at.Broker.Vhost()), policyName(r.Stream))
	want := policyFor(r)
	var have policy
	if err := at.manage(ctx, http.MethodGet, path, nil, &have); err == nil && have == want {
		return nil
	}
	return at.manage(ctx, http.MethodPut, path, want, nil)
}

// manage asks the management interface something. Its errors quote no address, which holds
// a password.
func (at Access) manage(ctx context.Context, method, path string, in, out any) error {
	base, err := url.Parse(at.Management)
	if err != nil {
		return errors.New("PENSTOCK_MANAGEMENT_URL is no URL")
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	username, password, err := at.credentials(ctx, base)
	if err != nil {
		return err
	}
	base.User = nil
	ctx, cancel := context.WithTimeout(ctx, policyTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(base.String(), "/")+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.SetBasicAuth(username, password)
	req.Header.Set("Content-Type", "application/json")
	req.Close = true
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return withoutURL(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("the management interface answers %s; the user needs the tag policymaker and rights in this virtual host", answer.Status)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(out)
}

// credentials are those of the management interface's URL, or the broker's.
func (at Access) credentials(ctx context.Context, base *url.URL) (username, password string, err error) {
	if base.User == nil {
		return at.Broker.Credentials(ctx)
	}
	password, _ = base.User.Password()
	return base.User.Username(), password, nil
}

// withoutURL takes the address out of an error.
func withoutURL(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	return err
}
