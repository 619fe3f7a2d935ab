package e2e

import (
	"encoding/base64"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const costlyConfig = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
  truelayer: {provider: truelayer}
  salesforce: {provider: salesforce, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
  hygraph: {provider: hygraph, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  everything: {from: [github, truelayer, salesforce, hygraph], to: receiver}
`

// repeatedNames is a request whose signature lists one long header field as signed, again and again.
func repeatedNames() string {
	head := `{"alg":"ES512","kid":"k","tl_version":"2","tl_headers":"` + strings.Repeat("X,", 5_000) + `"}`
	token := base64.RawURLEncoding.EncodeToString([]byte(head)) + ".." + base64.RawURLEncoding.EncodeToString(make([]byte, 132))
	return post("/in/truelayer", "", "Tl-Signature: "+token, "X: "+strings.Repeat("x", 14_000), length("0"))
}

// manyElements is an envelope whose elements are as short as they can be.
func manyElements() string {
	body := `<Envelope><Body><notifications>` + strings.Repeat("<a/>", 1<<20) + `</notifications></Body></Envelope>`
	return post("/in/salesforce", body, "Content-Type: text/xml", length(strconv.Itoa(len(body))))
}

// controlBytes is a body of which each byte takes six in the text that is signed.
func controlBytes() string {
	body := strings.Repeat("\x01", 4<<20)
	return post("/in/hygraph", body, "Gcms-Signature: sign=AA==, env=a, t=17", length(strconv.Itoa(len(body))))
}

func TestHostileSignaturesTakeMemoryInProportion(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text     string
		requests int
		statuses []int
	}{
		"header names again and again": {repeatedNames(), 8, []int{401, 503}},
		"short XML elements":           {manyElements(), 4, []int{401}},
		"control bytes":                {controlBytes(), 4, []int{401}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, costlyConfig)
			gateway := s.startPlainGateway()
			s.accept(newGithubEvent(1))
			before := gateway.peak()
			var all sync.WaitGroup
			statuses := make([]int, tc.requests)
			for i := range tc.requests {
				all.Go(func() { statuses[i] = s.provoke(tc.text) })
			}
			all.Wait()
			require.Subset(t, tc.statuses, statuses)
			require.True(t, gateway.alive())
			s.accept(newGithubEvent(2))
			grown, sent := gateway.peak()-before, tc.requests*len(tc.text)
			t.Logf("%d requests of %d KiB: the peak rose by %d MiB", tc.requests, len(tc.text)>>10, grown>>20)
			require.Less(t, grown, 64<<20+8*sent)
		})
	}
}
