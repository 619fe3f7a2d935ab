package provider

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/penstock/penstock/pkg/provider/internal/keys"
	"github.com/penstock/penstock/pkg/publickey"
	"github.com/penstock/penstock/pkg/signature"
)

// newPlaidKeys asks Plaid's /webhook_verification_key/get with client id and
// secret. An expired key is not known any more.
func newPlaidKeys(_ string, o Options) (signature.KeySource, error) {
	environment := o.Config["environment"]
	if !slices.Contains([]string{"production", "sandbox", "development"}, environment) {
		return nil, errors.New("config.environment: is neither production nor sandbox nor development")
	}
	if len(o.Secrets) == 0 {
		return nil, errors.New("secrets: the API secret is needed")
	}
	host := environment + ".plaid.com"
	fetcher := keys.NewFetcher(o.HTTP, host)
	return newAPIKeys(func(ctx context.Context, kid string) (crypto.PublicKey, error) {
		body, err := json.Marshal(map[string]string{"client_id": o.Config["client_id"], "secret": o.Secrets[0], "key_id": kid})
		if err != nil {
			return nil, fmt.Errorf("encode request: %w", err)
		}
		header := http.Header{"Content-Type": {"application/json"}}
		answer, err := fetcher.Post(ctx, "https://"+host+"/webhook_verification_key/get", header, body)
		if err != nil {
			return nil, err
		}
		return plaidKey(answer)
	}), nil
}

func plaidKey(answer []byte) (crypto.PublicKey, error) {
	var parsed struct {
		Key json.RawMessage `json:"key"`
	}
	var state struct {
		ExpiredAt *int64 `json:"expired_at"`
	}
	if json.Unmarshal(answer, &parsed) != nil || json.Unmarshal(parsed.Key, &state) != nil {
		return nil, fmt.Errorf("%w: the answer is not understood", keys.ErrUnavailable)
	}
	if state.ExpiredAt != nil {
		return nil, keys.ErrUnknown
	}
	key, err := publickey.ParseJWK(parsed.Key)
	if err != nil {
		return nil, fmt.Errorf("%w: parse key: %w", keys.ErrUnavailable, err)
	}
	return key.Key(), nil
}
