package e2e

import (
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const ebayConfig = `
sources:
  ebay: {provider: ebay, secrets: ["${GITHUB_WEBHOOK_SECRET}"], config: {client_id: c, verification_token: t}}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  everything: {from: [ebay], to: receiver}
`

// ebayRequest is a notification that names a key, signed with the one key that there is.
func (k *keyServer) ebayRequest(ctx context.Context, url, kid, id string) (*http.Request, error) {
	body := fmt.Sprintf(`{"metadata":{"topic":"T"},"notification":{"notificationId":%q}}`, id)
	digest := sha1.Sum([]byte(body))
	sig, err := k.key.Sign(rand.Reader, digest[:], nil)
	if err != nil {
		return nil, err
	}
	head, err := json.Marshal(map[string]string{"alg": "ecdsa", "kid": kid, "digest": "SHA1", "signature": base64.StdEncoding.EncodeToString(sig)})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/in/ebay", strings.NewReader(body))
	if err == nil {
		req.Header.Set("X-Ebay-Signature", base64.StdEncoding.EncodeToString(head))
	}
	return req, err
}

// Forged requests come first, and go on: no key is known when the authentic ones begin.
func TestHostileKeyNamesHinderNoAuthenticEvent(t *testing.T) {
	t.Parallel()
	s, k := setup(t, ebayConfig), newKeyServer(t)
	maps.Copy(s.env, k.env)
	s.startGateway()
	ctx, cancel := context.WithCancel(t.Context())
	var forgers, senders sync.WaitGroup
	var forged, authentic, refused atomic.Int64
	for range 100 {
		forgers.Go(func() {
			for ctx.Err() == nil {
				name := fmt.Sprintf("forged-%d", forged.Add(1))
				if req, err := k.ebayRequest(ctx, s.url, name, name); err == nil {
					_, _ = do(s.client, req)
				}
			}
		})
	}
	require.Eventually(t, func() bool { return k.unknown.Load() >= 20 }, 30*time.Second, 10*time.Millisecond)
	for range 4 {
		senders.Go(func() {
			for range 70 {
				req, err := k.ebayRequest(ctx, s.url, "authentic", fmt.Sprintf("n-%d", authentic.Add(1)))
				if err != nil {
					t.Error(err)
					return
				}
				if a, err := do(s.client, req); err != nil || a.status != http.StatusNoContent {
					refused.Add(1)
				}
			}
		})
	}
	senders.Wait()
	cancel()
	forgers.Wait()
	t.Logf("%d forged and %d authentic events; the provider was asked for %d unknown keys", forged.Load(), authentic.Load(), k.unknown.Load())
	require.Zero(t, refused.Load())
	require.EqualValues(t, 280, authentic.Load())
}

func TestHostileSendersThatLeaveAreWorkedForNoMore(t *testing.T) {
	t.Parallel()
	s, k := setup(t, ebayConfig), newKeyServer(t)
	maps.Copy(s.env, k.env)
	k.hold = make(chan struct{})
	defer close(k.hold)
	s.env["PENSTOCK_PUBLISH_TIMEOUT"] = "1s"
	gateway := s.startGateway()
	ctx, leave := context.WithCancel(t.Context())
	req, err := k.ebayRequest(ctx, s.url, "authentic", "n")
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() {
		_, err := do(s.client, req)
		ended <- err
	}()
	<-k.asked // the gateway waits for the key
	leave()
	require.Error(t, <-ended)
	abandoned := regexp.MustCompile(`penstock_refused_total\{[^}]*reason="abandoned"[^}]*source="ebay"[^}]*\} 1`)
	require.Eventually(t, func() bool {
		_, page := gateway.get("/metrics")
		return abandoned.MatchString(page)
	}, 3*time.Second, 20*time.Millisecond, "it still works for a sender that has gone")

	req, err = k.ebayRequest(t.Context(), s.url, "other", "n")
	require.NoError(t, err)
	patient, err := do(s.client, req)
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, patient.status)
	require.Less(t, patient.took, 4*time.Second, "a fetch may take longer than a sender waits")
}
