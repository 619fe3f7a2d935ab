package provider

import (
	"context"
	"crypto"
	"fmt"
	"net/url"
	"strings"

	"github.com/penstock/penstock/pkg/provider/internal/keys"
	"github.com/penstock/penstock/pkg/signature"
)

// jsonKey is one public key as PEM in a JSON document.
type jsonKey struct {
	fetcher *keys.Fetcher
	address string
	value   *signature.Expr
	cache   keys.Cache[[]crypto.PublicKey]
}

// newJSONKey reads "ADDRESS PATH", the path of the PEM in the document.
func newJSONKey(argument string, o Options) (signature.KeySource, error) {
	address, path, _ := strings.Cut(argument, " ")
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" {
		return nil, fmt.Errorf("keysrc: %q is no HTTPS address", address)
	}
	value, err := signature.CompileExpr(signature.Strings{"json:" + path})
	if err != nil {
		return nil, fmt.Errorf("keysrc: %w", err)
	}
	return &jsonKey{fetcher: keys.NewFetcher(o.HTTP, u.Host), address: address, value: value}, nil
}

func (j *jsonKey) Keys(ctx context.Context, _ string, _ *signature.Request) ([]crypto.PublicKey, error) {
	found, err := j.cache.Get(ctx, j.address, func(ctx context.Context) ([]crypto.PublicKey, error) {
		document, err := j.fetcher.Get(ctx, j.address, nil)
		if err != nil {
			return nil, fmt.Errorf("fetch public key: %w", err)
		}
		key, err := keys.ParsePEM([]byte(j.value.Eval(&signature.Request{Body: document})))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", keys.ErrUnavailable, err)
		}
		return []crypto.PublicKey{key}, nil
	})
	return found, known(err)
}
