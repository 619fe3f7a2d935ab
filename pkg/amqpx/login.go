package amqpx

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Login is where a cluster is and who connects to it.
type Login struct {
	// URLs are the nodes, as in Config.
	URLs []string
	// Username and Password, where Username is set, replace those of the URLs. They may
	// hold any character.
	Username, Password string
	// Token says that Password is an access token (OAuth 2), and Renew when the next one is
	// wanted: ReadLogin is called again then, and the broker told its password. Zero: never.
	Token bool
	Renew time.Time
	// Stale is why Password is still the last token, though it is time for the next one.
	Stale error
	// Drop is called when the broker refuses the token, so that the next login has another
	// one. It may be nil.
	Drop func()
}

// login returns what the next connection uses.
func (c Config) login(ctx context.Context) (Login, error) {
	if c.ReadLogin == nil {
		return Login{URLs: c.URLs, Username: c.Username, Password: c.Password}, nil
	}
	l, err := c.ReadLogin(ctx)
	if err != nil {
		return Login{}, fmt.Errorf("read where the broker is: %w", err)
	}
	return l, nil
}

// Credentials returns the user name and password of the next connection.
func (c Config) Credentials(ctx context.Context) (username, password string, err error) {
	l, err := c.login(ctx)
	if err != nil {
		return "", "", err
	}
	if len(l.URLs) == 0 {
		return "", "", errors.New("no AMQP URL")
	}
	n, err := l.node(0)
	return n.user, n.password, err
}

// node parses one of the URLs.
func (l Login) node(i int) (node, error) {
	n, err := parseNode(l.URLs[i])
	if err != nil {
		return node{}, fmt.Errorf("AMQP URL %d: %w", i+1, err)
	}
	if l.Username != "" {
		n.named, n.user, n.password = true, l.Username, l.Password
	}
	return n, nil
}

// CheckURL reports why text is no URL of a node; nil when it is one. The error quotes
// nothing of it.
func CheckURL(text string) error {
	_, err := parseNode(text)
	return err
}
