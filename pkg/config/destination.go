package config

import (
	"crypto/sha256"
	"net/http"
)

// Destination is where events are delivered to, with its limits: an HTTP endpoint, or
// an exchange of the broker.
type Destination struct {
	// The destination's name: its key in the file.
	Name string `yaml:"-"`
	// Where events are sent: an http or https URL without credentials.
	URL string `yaml:"url"`
	// Instead of a url: the exchange of the broker that events are published to. It must be there. The
	// empty one is the broker's default exchange, which leads to the queue that routingKey names.
	Exchange string `yaml:"exchange"`
	// The routing key of what is published to the exchange: <source>.<type> when it is left out.
	RoutingKey string `yaml:"routingKey"`
	// What each request is made of beside its body: another method than POST, and templates for the end of the
	// path, for the query and for header fields.
	Request *Request `yaml:"request"`
	// How the body is wrapped: cloudevents-binary adds the attributes of a CloudEvent 1.0 as header fields, and
	// cloudevents-structured puts body and attributes into a JSON document. As it is when it is left out.
	Format Format `yaml:"format"`
	// Several events in one request: each is a document of cloudevents-structured. An event has its own outcome
	// all the same. Attempts, and what rateLimit counts, are events; concurrency counts requests.
	Batch *Batch `yaml:"batch"`
	// How long an attempt may take, from dialling to the last byte of the answer. At most 15m.
	Timeout Duration `yaml:"timeout"`
	// How many attempts may be under way at once, 1 to 2000: in all deliverers together when it is written,
	// and in each of them when it is left out.
	Concurrency int `yaml:"concurrency"`
	// How many attempts may start in a time, in all deliverers together. No limit when it is left out.
	RateLimit *Rate `yaml:"rateLimit"`
	// Header fields that are added to each request. A value may refer to secrets; the value of a
	// field that carries credentials must.
	Headers map[string]Secret `yaml:"headers"`
	// Sends the source's secret along where its provider sends it in a header field or in the query,
	// as GitLab's X-Gitlab-Token: the first of its secrets. Without it a receiver is not sent the secret.
	// The deliverer is then given the secrets of the sources that lead here.
	ForwardCredentials bool `yaml:"forwardCredentials"`
	// The user name and the password that each request carries in its field Authorization (RFC 7617).
	Basic *BasicAuth `yaml:"basic"`
	// Where access tokens come from, which each request carries in its field Authorization: the client
	// credentials of OAuth 2 (RFC 6749).
	OAuth2 *OAuth2 `yaml:"oauth2"`
	// The certificate that the deliverer shows to the endpoint.
	TLS *ClientTLS `yaml:"tls"`
	// The proxy that requests go through, such as http://proxy.internal:3128. A value with a password is a
	// reference. The endpoint's address is still checked. The proxies of the environment are not used.
	Proxy Secret `yaml:"proxy"`
	// Signs each request as Standard Webhooks has it. Requests are unsigned when it is left out.
	Signing *Signing `yaml:"signing"`
	// Whether the endpoint may be in a private address range. Link-local, metadata and unspecified
	// addresses are refused in any case.
	AllowPrivate bool `yaml:"allowPrivate"`
	// A PEM file with the certificate authorities to trust instead of the system's. A file that is
	// replaced takes effect without a restart.
	CAFile string `yaml:"caFile"`

	// digests are the SHA-256 of what the files of certificates and keys hold, by their key, so that another
	// content makes another destination.
	digests map[string][sha256.Size]byte

	shared bool // the concurrency was written
}

// SharesConcurrency reports whether all deliverers together make at most Concurrency attempts
// at once. Otherwise each of them does.
func (d *Destination) SharesConcurrency() bool { return d.shared }

// OverAMQP reports whether events are published to Exchange, and not sent to URL.
func (d *Destination) OverAMQP() bool { return d.URL == "" }

// Signing is how a destination's requests are signed
// (https://www.standardwebhooks.com).
type Signing struct {
	// The signing secrets, base64 with or without the prefix whsec_. A request carries one signature
	// for each, so that a receiver can change over.
	Secrets []Secret `yaml:"secrets"`
}

// BasicAuth is a user name and a password.
type BasicAuth struct {
	// The user name, which has no colon. It may refer to a secret.
	Username Secret `yaml:"username"`
	// The password.
	Password Secret `yaml:"password"`
}

// OAuth2 is how the deliverer gets the access tokens of a destination. A token is kept and renewed before
// it ends, and at once when the destination answers 401.
type OAuth2 struct {
	// The token endpoint: an http or https URL. Its address is checked as the destination's is, and requests
	// for tokens go through the destination's proxy. Its certificate is one of the system's authorities, or of
	// caFile's.
	TokenURL string `yaml:"tokenURL"`
	// The client's id. It may refer to a secret.
	ClientID Secret `yaml:"clientID"`
	// The client's secret.
	ClientSecret Secret `yaml:"clientSecret"`
	// The scopes that are asked for. What the endpoint gives when it is left out.
	Scopes []string `yaml:"scopes"`
	// Further parameters of the request for a token, such as audience. A value may refer to secrets.
	EndpointParams map[string]Secret `yaml:"endpointParams"`
}

// ClientTLS is a client certificate, in files in PEM. Files that are replaced take effect without a restart.
type ClientTLS struct {
	// The certificate, with those between it and its authority behind it.
	CertFile string `yaml:"certFile"`
	// Its private key.
	KeyFile string `yaml:"keyFile"`
}

// Request is what a destination's requests are made of beside their body. In its templates, what is between
// braces is a CEL expression over source, type, headers, query, body and form, whose result is text, a number or a
// truth value: /contacts/{body.id}. The body is the one that is delivered, after the route's transformation. An
// event that a template fails on becomes a dead letter.
type Request struct {
	// The method.
	Method Method `yaml:"method"`
	// A template that is put behind the path of the url, such as /contacts/{body.id}. A value is one segment,
	// whatever it holds. An empty one, or one that leads elsewhere, such as .., makes the event a dead letter.
	Path string `yaml:"path"`
	// Templates of parameters that are put behind the query of the url, by their name. One whose only expression
	// is null or an absent optional is left out.
	Query map[string]string `yaml:"query"`
	// Templates of header fields that are added, by their name, as those of headers are. One whose only
	// expression is null or an absent optional is left out.
	Headers map[string]string `yaml:"headers"`
}

// Format is how a destination gets the body of an event.
type Format string

// The formats (https://github.com/cloudevents/spec, version 1.0.2). Without one, the body is sent as it is.
const (
	CloudEventsBinary     Format = "cloudevents-binary"
	CloudEventsStructured Format = "cloudevents-structured"
)

// Batch is how events are put into one request.
type Batch struct {
	// How many events a request carries at most, 2 to 1000.
	Max int `yaml:"max"`
	// How long the first event waits for others, at most 1m.
	Wait Duration `yaml:"wait"`
	// How large the documents of a request are together, unless one alone is larger.
	Bytes Size `yaml:"bytes"`
	// How the documents are put together: array is a JSON array, in the batched content mode of CloudEvents, and
	// ndjson one document on each line.
	As BatchFormat `yaml:"as"`
}

// BatchFormat is how the documents of a batch are put together.
type BatchFormat string

// The formats of a batch. The first is the default.
const (
	Array BatchFormat = "array"
	Lines BatchFormat = "ndjson"
)

// Method is the method of a destination's requests.
type Method string

// Methods returns the methods that a destination can have. The first is the default.
func Methods() []Method {
	return []Method{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
}

// HTTPMethod returns the method of the destination's requests.
func (d *Destination) HTTPMethod() string {
	if d.Request == nil || d.Request.Method == "" {
		return http.MethodPost
	}
	return string(d.Request.Method)
}
