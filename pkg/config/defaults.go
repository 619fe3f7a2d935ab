package config

import (
	"net/http"
	"time"
)

// The defaults, which Load fills in for what the file leaves out.
const (
	DefaultMaxBody     Size     = 5 << 20 // of a source whose provider is not known to send more
	DefaultTimeout     Duration = Duration(10 * time.Second)
	DefaultConcurrency int      = 16
	DefaultPartitions  int      = 8
	DefaultNotices     int      = 60 // in an hour, of one channel
)

// DefaultRetry returns the retry policy of a route that says nothing about it:
// 5s, twice as long each time up to 6h, a fifth of jitter, 15 attempts in 72h.
func DefaultRetry() Retry {
	return Retry{
		Initial:     Duration(5 * time.Second),
		Factor:      2,
		Jitter:      0.2,
		Max:         Duration(6 * time.Hour),
		MaxAttempts: 15,
		MaxAge:      Duration(72 * time.Hour),
	}
}

func defaultSource() Source { return Source{OnBrokerOutage: Reject} }

func defaultDestination() Destination {
	return Destination{Timeout: DefaultTimeout, Concurrency: DefaultConcurrency, AllowPrivate: true}
}

func defaultChannel() Channel { return Channel{AllowPrivate: true, Limit: DefaultNotices} }

func defaultEmail() Email { return Email{TLS: StartTLS} }

func defaultRequest() Request { return Request{Method: http.MethodPost} }

func defaultBatch() Batch {
	return Batch{Max: 100, Wait: Duration(100 * time.Millisecond), Bytes: 1 << 20, As: Array}
}

func defaultOrdering() Ordering { return Ordering{Partitions: DefaultPartitions} }

func defaultRoute() Route {
	return Route{Types: []string{"#"}, Retry: DefaultRetry(), OnPermanent: DeadLetter}
}
