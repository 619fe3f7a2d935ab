package deliver

import (
	"crypto/tls"
	"net"
	"net/http"

	"github.com/penstock/penstock/pkg/config"
)

// NewClient makes an HTTP client that goes to a destination as its deliverer does: by its
// proxy, with the authorities that it names, to no address that its guard refuses, and after
// no redirect. It is for what is sent beside events.
func NewClient(d *config.Destination) (*http.Client, error) { return newClient(d) }

// NewDialer makes a dialer that connects to no address that the destination's guard refuses.
func NewDialer(d *config.Destination) *net.Dialer { return newDialer(d) }

// TLSOf returns what connections to the destination trust and show.
func TLSOf(d *config.Destination) (*tls.Config, error) { return tlsOf(d) }
