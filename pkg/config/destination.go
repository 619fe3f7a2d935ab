package config

import "crypto/sha256"

// Destination is where events are delivered to, with its limits: an HTTP endpoint, or
// an exchange of the broker.
type Destination struct {
	// The destination's name: its key in the file.
	Name string `yaml:"-"`
	// Where events are POSTed: an http or https URL without credentials.
	URL string `yaml:"url"`
	// Instead of a url: the exchange of the broker that events are published to. It must be there. The
	// empty one is the broker's default exchange, which leads to the queue that routingKey names.
	Exchange string `yaml:"exchange"`
	// The routing key of what is published to the exchange: <source>.<type> when it is left out.
	RoutingKey string `yaml:"routingKey"`
	// How long an attempt may take, from dialling to the last byte of the answer. At most 15m.
	Timeout Duration `yaml:"timeout"`
	// How many attempts may be under way at once in one process, 1 to 2000.
	Concurrency int `yaml:"concurrency"`
	// How many attempts may start in a time, in one process. No limit when it is left out.
	RateLimit *Rate `yaml:"rateLimit"`
	// Header fields that are added to each request. A value may refer to secrets; the value of a
	// field that carries credentials must.
	Headers map[string]Secret `yaml:"headers"`
	// Sends the source's secret along where its provider sends it in a header field or in the query,
	// as GitLab's X-Gitlab-Token: the first of its secrets. Without it a receiver is not sent the secret.
	// The deliverer is then given the secrets of the sources that lead here.
	ForwardCredentials bool `yaml:"forwardCredentials"`
	// Signs each request as Standard Webhooks has it. Requests are unsigned when it is left out.
	Signing *Signing `yaml:"signing"`
	// Whether the endpoint may be in a private address range. Link-local, metadata and unspecified
	// addresses are refused in any case.
	AllowPrivate bool `yaml:"allowPrivate"`
	// A PEM file with the certificate authorities to trust instead of the system's. A file that is
	// replaced takes effect without a restart.
	CAFile string `yaml:"caFile"`

	// caDigest is the SHA-256 of CAFile's content, so that another content makes another destination.
	caDigest [sha256.Size]byte
}

// OverAMQP reports whether events are published to Exchange, and not sent to URL.
func (d *Destination) OverAMQP() bool { return d.URL == "" }

// Signing is how a destination's requests are signed
// (https://www.standardwebhooks.com).
type Signing struct {
	// The signing secrets, base64 with or without the prefix whsec_. A request carries one signature
	// for each, so that a receiver can change over.
	Secrets []Secret `yaml:"secrets"`
}
