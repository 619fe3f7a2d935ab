package publickey

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/MicahParks/jwkset"
)

// ParseJWK reads a public key in the form of a JWK (RFC 7517), and checks it. Of a private
// key it takes the public part. Certificates in it are not looked at: the key itself is
// beside them.
func ParseJWK(raw []byte) (jwkset.JWK, error) {
	var fields jwkset.JWKMarshal
	if err := json.Unmarshal(raw, &fields); err != nil {
		return jwkset.JWK{}, errors.New("it is no JWK")
	}
	fields.X5C, fields.X5U, fields.X5T, fields.X5TS256 = nil, "", "", ""
	key, err := jwkset.NewJWKFromMarshal(fields, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{SkipAll: true})
	if err != nil {
		return jwkset.JWK{}, fmt.Errorf("it is no public key: %w", err)
	}
	return key, Check(key.Key())
}

// ParseJWKS reads the keys of a set (RFC 7517 section 5). As the section asks, keys that
// cannot be used are left out; without any other it is an error.
func ParseJWKS(raw []byte) ([]jwkset.JWK, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(raw, &set) != nil {
		return nil, errors.New("it is no JSON object with keys")
	}
	var keys []jwkset.JWK
	for _, one := range set.Keys {
		if key, err := ParseJWK(one); err == nil {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("it has no usable public key")
	}
	return keys, nil
}
