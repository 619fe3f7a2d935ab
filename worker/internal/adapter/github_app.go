package adapter

import (
	"context"
	"crypto/rsa"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// How long a token of an App is valid, at most ten minutes, and against which drift of clocks.
const (
	appToken = 9 * time.Minute
	appDrift = time.Minute
)

// app signs requests as a GitHub App. It is safe for concurrent use.
type app struct {
	id  string
	key *rsa.PrivateKey

	mu    sync.Mutex
	token string
	until time.Time
	now   func() time.Time
}

func newApp(id, pem string, now func() time.Time) (*app, error) {
	key, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(pem))
	if err != nil {
		return nil, errors.New("privateKey: it is no RSA key in PEM; download one in the settings of the App")
	}
	return &app{id: id, key: key, now: now}, nil
}

// sign adds a token, and makes another one before it expires.
func (a *app) sign(_ context.Context, h http.Header) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := a.now(); !now.Before(a.until) {
		token, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.RegisteredClaims{
			Issuer: a.id, IssuedAt: jwt.NewNumericDate(now.Add(-appDrift)), ExpiresAt: jwt.NewNumericDate(now.Add(appToken)),
		}).SignedString(a.key)
		if err != nil {
			return &Error{Trouble: Unauthorized, Err: errors.New("the private key signs nothing")}
		}
		a.token, a.until = token, now.Add(appToken-appDrift)
	}
	h.Set("Authorization", "Bearer "+a.token)
	return nil
}
