package settings

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"

	"github.com/dustin/go-humanize"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
)

// What a process does about the topology.
const (
	Declare = "declare" // it makes what is missing
	Check   = "check"   // it only looks whether all is there
)

// streamsOff is the value of PENSTOCK_STREAMS for a broker without streams.
const streamsOff = "off"

// AMQP is how a process reaches the broker, and what it does about the topology.
type AMQP struct {
	AMQPURLs        []string `envconfig:"AMQP_URLS" file:"true" default:"amqp://guest:guest@127.0.0.1:5672/" desc:"nodes of one RabbitMQ cluster, comma-separated, tried in shuffled order"`
	AMQPUsername    string   `envconfig:"AMQP_USERNAME" file:"true" desc:"user name at the broker, instead of the URLs'; any character"`
	AMQPPassword    string   `envconfig:"AMQP_PASSWORD" file:"true" desc:"password of that user; any character"`
	AMQPTokenURL    string   `envconfig:"AMQP_TOKEN_URL" desc:"token endpoint of an OAuth 2 server: an access token is the password at the broker, from the client-credentials grant, and renewed before it ends"`
	AMQPClientID    string   `envconfig:"AMQP_CLIENT_ID" desc:"client id there"`
	AMQPClientKey   string   `envconfig:"AMQP_CLIENT_SECRET" file:"true" desc:"client secret there"`
	AMQPTokenScope  string   `envconfig:"AMQP_TOKEN_SCOPE" desc:"scope to ask for, separated by spaces"`
	AMQPTokenFor    string   `envconfig:"AMQP_TOKEN_AUDIENCE" desc:"audience to ask for, where the token endpoint wants one, as Auth0 does: the broker's resource_server_id"`
	AMQPTokenCAFile string   `envconfig:"AMQP_TOKEN_CA_FILE" desc:"certificate authorities that the token endpoint's certificate must come from"`
	AMQPTokenFile   string   `envconfig:"AMQP_TOKEN_FILE" desc:"file with an access token that something else renews, instead of a token endpoint"`
	AMQPCAFile      string   `envconfig:"AMQP_CA_FILE" desc:"certificate authorities that the broker's certificate must come from"`
	AMQPCertFile    string   `envconfig:"AMQP_CERT_FILE" desc:"client certificate for mutual TLS with the broker"`
	AMQPKeyFile     string   `envconfig:"AMQP_KEY_FILE" desc:"key of the client certificate"`
	AMQPConnections int      `envconfig:"AMQP_CONNECTIONS" default:"3" desc:"connections that a gateway or a deliverer publishes over, 1 to 16; each opens one more, a deliverer another one for each 900 queues that it consumes, and a tracker two"`
	Topology        string   `default:"declare" desc:"declare the exchanges and queues, or only check them: declare or check"`
	Streams         string   `default:"on" desc:"on, or off for a broker without streams: no archive, no replay of what was delivered, no quarantine, and a ledger that cannot be sure"`
	Archive         bool     `default:"true" desc:"keep every accepted event in a stream, for its payload and for replay"`
	ArchiveMaxAge   string   `split_words:"true" default:"7D" desc:"age at which the archive drops events: a number and Y, M, D, h, m or s"`
	ArchiveMaxBytes string   `split_words:"true" default:"20GB" desc:"size at which the archive drops its oldest events"`

	StatusMaxAge   string `split_words:"true" default:"7D" desc:"age at which the stream of status records drops them, read or not"`
	StatusMaxBytes string `split_words:"true" default:"2GiB" desc:"size at which it drops the oldest: 2GiB are nine minutes at 10,000 events a second"`

	QuarantineMaxAge   string `split_words:"true" default:"1D" desc:"age at which the quarantine drops requests that failed verification; a source decides whether it has one"`
	QuarantineMaxBytes string `split_words:"true" default:"500MB" desc:"size at which the quarantine drops its oldest requests"`

	ManagementURL string `envconfig:"MANAGEMENT_URL" file:"true" desc:"RabbitMQ's management interface, http://host:15672, with the user and password of AMQP unless it names others, http://user:password@host:15672: ages and sizes of streams are policies then, which can be changed later; the user needs the tag policymaker"`

	withoutSecrets bool
}

var maxAge = regexp.MustCompile(`^[1-9][0-9]*[YMDhms]$`)

// maxConnections bounds PENSTOCK_AMQP_CONNECTIONS: more only wait longer for a broker.
const maxConnections = 16

// Publishing is how a process that accepts or delivers events publishes.
func (a *AMQP) Publishing() amqpx.PublisherOptions {
	return amqpx.PublisherOptions{Connections: a.AMQPConnections}
}

// connections checks PENSTOCK_AMQP_CONNECTIONS.
func connections(n int) error {
	if n >= 1 && n <= maxConnections {
		return nil
	}
	return fmt.Errorf("PENSTOCK_AMQP_CONNECTIONS: %d is not a number from 1 to %d", n, maxConnections)
}

// WithoutSecrets says that secrets are out of reach: Validate does not miss them.
func (a *AMQP) WithoutSecrets() { a.withoutSecrets = true }

// Validate checks what envconfig cannot. It joins all problems, and quotes no
// broker URL: it holds a password.
func (a *AMQP) Validate() error {
	errs := []error{oneOf("PENSTOCK_TOPOLOGY", a.Topology, Declare, Check), oneOf("PENSTOCK_STREAMS", a.Streams, "on", streamsOff)}
	if len(a.AMQPURLs) == 0 {
		errs = append(errs, errors.New("PENSTOCK_AMQP_URLS: at least one is needed"))
	}
	for i, text := range a.AMQPURLs {
		if err := amqpx.CheckURL(text); err != nil {
			errs = append(errs, fmt.Errorf("PENSTOCK_AMQP_URLS: URL %d is not amqp://user:password@host:port/vhost or amqps://…: %w", i+1, err))
		}
	}
	if (a.AMQPUsername == "") != (a.AMQPPassword == "") && !a.usesTokens() && !a.withoutSecrets {
		errs = append(errs, errors.New("PENSTOCK_AMQP_USERNAME and PENSTOCK_AMQP_PASSWORD: set both or neither"))
	}
	if (a.AMQPCertFile == "") != (a.AMQPKeyFile == "") {
		errs = append(errs, errors.New("PENSTOCK_AMQP_CERT_FILE and PENSTOCK_AMQP_KEY_FILE: set both or neither"))
	}
	errs = append(errs,
		connections(a.AMQPConnections),
		a.validateTokens(),
		age("PENSTOCK_ARCHIVE_MAX_AGE", a.ArchiveMaxAge),
		size("PENSTOCK_ARCHIVE_MAX_BYTES", a.ArchiveMaxBytes),
		age("PENSTOCK_STATUS_MAX_AGE", a.StatusMaxAge),
		size("PENSTOCK_STATUS_MAX_BYTES", a.StatusMaxBytes),
		managementURL(a.ManagementURL),
		age("PENSTOCK_QUARANTINE_MAX_AGE", a.QuarantineMaxAge),
		size("PENSTOCK_QUARANTINE_MAX_BYTES", a.QuarantineMaxBytes))
	return errors.Join(errs...)
}

// HasStreams reports whether the broker's streams are used. The zero value uses them.
func (a *AMQP) HasStreams() bool { return a.Streams != streamsOff }

// WithoutStreams is what an installation lacks whose broker has no streams.
const WithoutStreams = "PENSTOCK_STREAMS is off: there is no archive, no replay of what was delivered and no quarantine, " +
	"and the ledger cannot know which status records the broker dropped"

// WarnOfStreams logs what an installation without streams lacks.
func (a *AMQP) WarnOfStreams(log *zap.Logger) {
	if !a.HasStreams() {
		log.Warn(WithoutStreams)
	}
}

// Imply sets what follows from other settings: without streams there is no archive.
func (a *AMQP) Imply() { a.Archive = a.Archive && a.HasStreams() }

// Broker is how to reach the broker, which shows the connections under the process's name.
// URLs, user name and password that are in files are read again at each connection.
func (a *AMQP) Broker(process string) amqpx.Config {
	c := amqpx.Config{
		URLs:     a.AMQPURLs,
		Username: a.AMQPUsername,
		Password: a.AMQPPassword,
		ReadLogin: Reread(func(a *AMQP) amqpx.Login {
			return amqpx.Login{URLs: a.AMQPURLs, Username: a.AMQPUsername, Password: a.AMQPPassword}
		}, "AMQP_URLS", "AMQP_USERNAME", "AMQP_PASSWORD"),
		CAFile:   a.AMQPCAFile,
		CertFile: a.AMQPCertFile,
		KeyFile:  a.AMQPKeyFile,
		Name:     process,
	}
	if a.usesTokens() {
		c.ReadLogin = a.tokenLogin()
	}
	return c
}

// managementURL quotes nothing of the URL: it holds a password.
func managementURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("PENSTOCK_MANAGEMENT_URL: it is not http://host:port, http://user:password@host:port or https://…")
	}
	return nil
}

func age(name, text string) error {
	if maxAge.MatchString(text) {
		return nil
	}
	return fmt.Errorf("%s: %q is not a number and one of Y, M, D, h, m, s, such as 7D", name, text)
}

func size(name, text string) error {
	if bytesOf(text) > 0 {
		return nil
	}
	return fmt.Errorf("%s: %q is not a size such as 20GB", name, text)
}

// ArchiveBytes returns ArchiveMaxBytes as a number, or zero when it is none.
func (a *AMQP) ArchiveBytes() int64 { return bytesOf(a.ArchiveMaxBytes) }

// StatusBytes returns StatusMaxBytes as a number, or zero when it is none.
func (a *AMQP) StatusBytes() int64 { return bytesOf(a.StatusMaxBytes) }

// QuarantineBytes returns QuarantineMaxBytes as a number, or zero when it is none.
func (a *AMQP) QuarantineBytes() int64 { return bytesOf(a.QuarantineMaxBytes) }

func bytesOf(text string) int64 {
	n, err := humanize.ParseBytes(text)
	if err != nil || n > math.MaxInt64 {
		return 0
	}
	return int64(n)
}
