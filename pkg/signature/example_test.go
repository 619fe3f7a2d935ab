package signature_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/penstock/penstock/pkg/signature"
)

func Example() {
	verifier, err := signature.Compile(signature.Scheme{
		Alg:   "hmac-sha256",
		Sig:   signature.Strings{"header:x-signature"},
		Sep:   ",",
		Items: signature.Strings{"t={ts}", "v1={sig}"},
		Msg:   "{ts}.{body}",
		TS:    &signature.Timestamp{From: "sig", Unit: "s"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	keys, err := verifier.Keys("current secret", "previous secret")
	if err != nil {
		fmt.Println(err)
		return
	}

	now := time.Unix(1_700_000_000, 0)
	request := &signature.Request{Method: http.MethodPost, Body: []byte(`{"paid":true}`)}
	if err := verifier.Sign(request, keys, now); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(verifier.Verify(request, keys, now))

	stale := verifier.Verify(request, keys, now.Add(time.Hour))
	fmt.Println(stale.OK, stale.Reason, stale.Skew)

	request.Body = []byte(`{"paid":false}`)
	forged := verifier.Verify(request, keys, now)
	fmt.Println(forged.OK, forged.Reason)
	// Output:
	// {true 0  0s}
	// false stale 1h0m0s
	// false mismatch
}

func ExampleCompile() {
	_, err := signature.Compile(signature.Scheme{Alg: "hmac-md4", Sig: signature.Strings{"header:x-signature"}, Msg: "{bdy}"})
	for _, problem := range signature.Problems(err) {
		fmt.Println(problem)
	}
	// Output:
	// alg: "hmac-md4" is no algorithm
	// msg: "bdy" is no part of a request
}

func ExampleCompileExpr() {
	id, err := signature.CompileExpr(signature.Strings{"header:x-event-id ?? json:event.id", "sha256(body)"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(id.Eval(&signature.Request{Body: []byte(`{"event":{"id":"evt_1"}}`)}))
	// Output: evt_1
}

func ExampleTemplate() {
	answer, err := signature.CompileTemplate(`{"response_token":"sha256={query:crc_token|hmac256b64}"}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Render(&signature.Request{RawQuery: "crc_token=challenge"}, []byte("secret")))
	// Output: {"response_token":"sha256=oeUF6Wxqoezggrue+wbIDxKRPSF6esKwizR2MHh9HaA="} <nil>
}
