package deliver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"

	"github.com/penstock/penstock/pkg/fault"
)

// class is how an answer is treated.
type class struct {
	reason    fault.Reason // ReasonNone: delivered
	permanent bool         // no retry can mend it
}

// classify is the table of answers. Whether a Retry-After came along matters for
// 503 only, which then says the same as 429.
func classify(status int, retryAfter bool) class {
	switch {
	case status >= 200 && status <= 299:
		return class{}
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable && retryAfter:
		return class{reason: fault.ReasonThrottled}
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status >= 500, status < 200:
		return class{reason: fault.ReasonServerError}
	case status == http.StatusGone:
		return class{reason: fault.ReasonGone, permanent: true}
	case status >= 300 && status <= 399:
		return class{reason: fault.ReasonRedirect, permanent: true}
	default:
		return class{reason: fault.ReasonRejected, permanent: true}
	}
}

// reasonOf is the table of requests that got no answer. All of them may be retried:
// a name, a certificate or an address can be mended without the event changing.
func reasonOf(err error) fault.Reason {
	switch own := fault.ReasonOf(err); {
	case own != fault.ReasonInternal:
		return own
	case is[*ForbiddenError](err):
		return fault.ReasonForbidden
	case is[*net.DNSError](err):
		return fault.ReasonDNS
	case isTLS(err):
		return fault.ReasonTLS
	case isTimeout(err):
		return fault.ReasonTimeout
	default:
		return fault.ReasonConnection
	}
}

func isTLS(err error) bool {
	return errors.Is(err, http.ErrSchemeMismatch) || is[*tls.CertificateVerificationError](err) || is[tls.RecordHeaderError](err) || is[tls.AlertError](err) ||
		isAlert(err) || is[x509.UnknownAuthorityError](err) || is[x509.HostnameError](err) || is[x509.CertificateInvalidError](err)
}

// isAlert reports whether the other side ended the handshake with an alert, as one does that wants a
// client certificate. Package crypto/tls has no other name for that.
func isAlert(err error) bool {
	failed, ok := errors.AsType[*net.OpError](err)
	return ok && failed.Op == "remote error"
}

func isTimeout(err error) bool {
	var timed net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timed) && timed.Timeout()
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}
