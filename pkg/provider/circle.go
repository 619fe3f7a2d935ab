package provider

import (
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/penstock/penstock/pkg/provider/internal/keys"
	"github.com/penstock/penstock/pkg/signature"
)

// newCircleKeys asks Circle's API with the API key.
func newCircleKeys(_ string, o Options) (signature.KeySource, error) {
	if len(o.Secrets) == 0 {
		return nil, errors.New("secrets: the API key is needed")
	}
	const host = "api.circle.com"
	fetcher := keys.NewFetcher(o.HTTP, host)
	return newAPIKeys(func(ctx context.Context, kid string) (crypto.PublicKey, error) {
		header := http.Header{"Authorization": {"Bearer " + o.Secrets[0]}}
		answer, err := fetcher.Get(ctx, "https://"+host+"/v2/notifications/publicKey/"+kid, header)
		if err != nil {
			return nil, err
		}
		var parsed struct {
			Data struct {
				PublicKey string `json:"publicKey"`
			} `json:"data"`
		}
		if json.Unmarshal(answer, &parsed) != nil {
			return nil, fmt.Errorf("%w: the answer is not understood", keys.ErrUnavailable)
		}
		der, err := base64.StdEncoding.DecodeString(parsed.Data.PublicKey)
		if err != nil {
			return nil, fmt.Errorf("%w: the key is no base64", keys.ErrUnavailable)
		}
		return keys.ParseDER(der)
	}), nil
}
