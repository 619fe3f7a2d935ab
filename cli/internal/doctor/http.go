package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// greeting is what a server answered, and when.
type greeting struct {
	status        int
	header        http.Header
	chain         []*x509.Certificate
	before, after time.Time
}

// greet asks a server for a page. With trust, its certificate has to be a good one.
func (i *Installation) greet(ctx context.Context, address string, trust bool) (*greeting, error) {
	transport := &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: !trust}, //nolint:gosec // to read a certificate that is not trusted
	}
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("%s is no URL", address)
	}
	g := &greeting{before: i.Now()}
	response, err := client.Do(request)
	if err != nil {
		if u, is := errors.AsType[*url.Error](err); is {
			err = u.Err
		}
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10) // its time counts, not its words
	g.after, g.status, g.header = i.Now(), response.StatusCode, response.Header
	if response.TLS != nil {
		g.chain = response.TLS.PeerCertificates
	}
	return g, nil
}

func (i *Installation) gateway(ctx context.Context) []Finding {
	if i.Gateway == "" {
		return []Finding{skipped("nobody said where the gateway is", "Say it with --gateway https://HOST, or PENSTOCK_GATEWAY_URL.")}
	}
	address := strings.TrimSuffix(i.Gateway, "/") + "/in/"
	var found []Finding
	g, err := i.greet(ctx, address, true)
	if untrusted(err) {
		found = append(found, warning("the certificate of "+i.Gateway+" is not trusted here: "+err.Error(),
			"Senders refuse it too, unless they know who signed it: use one of a public authority, or one that they were given."))
		g, err = i.greet(ctx, address, false)
	}
	if err != nil {
		return append(found, failure("the gateway at "+i.Gateway+" does not answer: "+text(err), webRemedy(err, "the gateway")))
	}
	found = append(found, ok(i.Gateway+" answers"))
	if len(g.chain) > 0 {
		found = append(found, i.expiry("the certificate of "+i.Gateway, g.chain))
	}
	return append(found, clock("the gateway", dateOf(g.header), g.before, g.after))
}

// untrusted reports whether a certificate is to blame.
func untrusted(err error) bool {
	_, is := errors.AsType[*tls.CertificateVerificationError](err)
	return is
}

// webRemedy says what to do about a server that does not answer.
func webRemedy(err error, who string) string {
	if _, is := errors.AsType[*net.DNSError](err); is {
		return "Mend the host's name."
	}
	if strings.Contains(err.Error(), "HTTP response to HTTPS client") {
		return "It speaks plain HTTP: use http://, or turn TLS on."
	}
	if strings.Contains(err.Error(), "connection refused") {
		return "Start " + who + " there, or name the address on which it listens."
	}
	return "Look whether " + who + " runs there, and whether a proxy or a firewall is in between."
}
