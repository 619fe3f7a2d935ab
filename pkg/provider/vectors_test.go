package provider_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

type vector struct {
	Provider   string            `json:"provider"`
	Name       string            `json:"name"`
	Secret     secretList        `json:"secret"`
	Method     string            `json:"method"`
	URL        string            `json:"url"`
	Header     map[string]string `json:"headers"`
	Body       string            `json:"body"`
	BodyBase64 string            `json:"body_base64"`
	Now        float64           `json:"now"`
	Config     map[string]string `json:"config"`
	Valid      bool              `json:"valid"`
}

// secretList is one secret or several.
type secretList []string

func (s *secretList) UnmarshalJSON(data []byte) error {
	var list signature.Strings
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*s = secretList(list)
	return nil
}

func TestCollectedVectorsGiveTheirVerdict(t *testing.T) {
	t.Parallel()
	var vectors []vector
	shared(t, "vectors.json", &vectors)
	for _, v := range vectors {
		t.Run(v.Provider+"/"+v.Name, func(t *testing.T) {
			t.Parallel()
			body := []byte(v.Body)
			if v.BodyBase64 != "" {
				decoded, err := base64.StdEncoding.DecodeString(v.BodyBase64)
				require.NoError(t, err)
				body = decoded
			}
			r, publicURL := requestOf(t, v.Method, v.URL, v.Header, body)
			clock := time.Now()
			if v.Now != 0 {
				clock = time.Unix(int64(v.Now), 0)
			}
			preset, ok := provider.Lookup(presetOf(v))
			require.True(t, ok)
			if v.Now == 0 && preset.Scheme.TS != nil {
				timeless, ts := *preset, *preset.Scheme.TS // the preset is everybody's
				ts.Tol, ts.Unit = new(int), "auto"         // a case without a clock is one of the signature alone
				timeless.Scheme.TS = &ts
				preset = &timeless
			}
			source, err := provider.New(preset, optionsOf(t, v, publicURL))
			require.NoError(t, err)
			result := source.Verify(t.Context(), r, clock)
			require.Equal(t, v.Valid, result.OK, "reason %s", result.Reason)
		})
	}
}

// presetOf names the preset, where one provider has several.
func presetOf(v vector) string {
	if v.Provider == "cloudinary" && len(v.Header["X-Cld-Signature"]) == 64 {
		return "cloudinary-sha256"
	}
	return v.Provider
}

func optionsOf(t testing.TB, v vector, publicURL string) provider.Options {
	t.Helper()
	o := provider.Options{Secrets: v.Secret, PublicURL: publicURL, Config: v.Config}
	if o.PublicURL == "" {
		o.PublicURL = "https://hooks.example.com/in/source"
	}
	switch v.Provider {
	case "amazon-sp":
		o.Config = map[string]string{"topics": "arn:aws:sns:us-west-2:123456789012:MyTopic"}
	case "apple-appstore":
		o.Config = map[string]string{"bundle_ids": "com.example"}
	}
	return o
}
