package auth_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/penstock/penstock/pkg/auth"
)

func Example() {
	method := auth.Method{APIKey: &auth.APIKey{
		Header: "X-API-Key",
		// printf %s opensesame | sha256sum
		Keys: []auth.Key{{Name: "acme", SHA256: "d9fb92e3bbe65be1f1aad4a82eef4567f7a1ebe2cd110c8049b9698be7a70c88"}},
	}}
	chain, err := auth.New(context.Background(), []auth.Method{method}, auth.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := httptest.NewRequest("POST", "/in/partner", strings.NewReader("{}"))
	_, err = chain.Authenticate(r.Context(), r)
	fmt.Println(err)

	r.Header.Set("X-Api-Key", "opensesame")
	who, err := chain.Authenticate(r.Context(), r)
	fmt.Println(who, err)
	field, _ := method.Credential()
	fmt.Println("not delivered:", field)
	// Output:
	// authenticate by apiKey: missing-credential
	// apiKey:acme <nil>
	// not delivered: X-Api-Key
}
