package auth

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/golang-jwt/jwt/v5"
)

// Clock differences that a token's times may have.
const (
	DefaultLeeway = 30 * time.Second
	MaxLeeway     = 5 * time.Minute
)

const (
	maxToken = 16 << 10 // bytes; longer ones are refused unread
	maxName  = 128      // bytes of a subject that are kept
)

// Algorithms returns the signature algorithms (RFC 7518, RFC 8037) that tokens
// can use: the asymmetric ones. A shared secret would have to be in the file.
func Algorithms() []string {
	return []string{
		"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
	}
}

// keySource finds the key, or the keys, that may have signed a token.
type keySource interface {
	key(ctx context.Context, token *jwt.Token) (any, Reason)
}

type jwtMethod struct {
	algorithms []string
	claims     map[string]string
	parser     *jwt.Parser
	keys       keySource
}

func newJWT(c *BearerJWT, o Options) *jwtMethod {
	j := &jwtMethod{algorithms: c.Algorithms, claims: c.Claims}
	if len(j.algorithms) == 0 {
		j.algorithms = Algorithms()
	}
	leeway := c.Leeway
	if leeway == 0 {
		leeway = DefaultLeeway
	}
	j.parser = jwt.NewParser(
		jwt.WithValidMethods(j.algorithms),
		jwt.WithIssuer(c.Issuer),
		jwt.WithAudience(c.Audience),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(o.Now),
	)
	if c.JWKSURL != "" {
		j.keys = o.KeySets.at(c.JWKSURL)
	} else {
		j.keys = newStaticKeys(c.Keys)
	}
	return j
}

func (j *jwtMethod) check(ctx context.Context, r *http.Request) (string, Reason) {
	text, reason := credentials(r, "Bearer")
	if reason != ReasonNone {
		return "", reason
	}
	if len(text) > maxToken {
		return "", ReasonMalformed
	}
	claims := jwt.MapClaims{}
	token, err := j.parser.ParseWithClaims(text, claims, func(t *jwt.Token) (any, error) { return j.find(ctx, t) })
	if err != nil {
		return "", j.reason(token, err)
	}
	for name, want := range j.claims {
		if !holds(claims[name], want) {
			return "", ReasonWrongClaim
		}
	}
	subject, _ := claims.GetSubject()
	return cleanName(subject), ReasonNone
}

// refusal carries a reason through the parser.
type refusal Reason

func (r refusal) Error() string { return string(r) }

func (j *jwtMethod) find(ctx context.Context, token *jwt.Token) (any, error) {
	// RFC 7515, section 4.1.11: extensions that are not understood must not be ignored.
	if _, critical := token.Header["crit"]; critical {
		return nil, refusal(ReasonMalformed)
	}
	key, reason := j.keys.key(ctx, token)
	if reason != ReasonNone {
		return nil, refusal(reason)
	}
	return key, nil
}

func (j *jwtMethod) reason(token *jwt.Token, err error) Reason {
	if r, ok := errors.AsType[refusal](err); ok {
		return Reason(r)
	}
	switch {
	case errors.Is(err, jwt.ErrTokenMalformed):
		return ReasonMalformed
	case token == nil || token.Method == nil || !slices.Contains(j.algorithms, token.Method.Alg()):
		return ReasonWrongAlgorithm
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return ReasonBadSignature
	case errors.Is(err, jwt.ErrTokenExpired):
		return ReasonExpired
	case errors.Is(err, jwt.ErrTokenNotValidYet), errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		return ReasonNotYetValid
	default:
		return ReasonWrongClaim
	}
}

// holds reports whether a claim is the text, or a list with it.
func holds(claim any, want string) bool {
	switch c := claim.(type) {
	case string:
		return c == want
	case []any:
		return slices.Contains(c, any(want))
	default:
		return false
	}
}

// cleanName makes a subject fit for a log line.
func cleanName(subject string) string {
	subject = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, subject)
	if len(subject) > maxName {
		subject = strings.ToValidUTF8(subject[:maxName], "")
	}
	return subject
}
