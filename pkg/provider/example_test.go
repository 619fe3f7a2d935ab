package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/penstock/penstock/pkg/provider"
	"github.com/penstock/penstock/pkg/signature"
)

func ExampleNew() {
	preset, _ := provider.Lookup("github")
	source, err := provider.New(preset, provider.Options{Secrets: []string{"It's a Secret to Everybody"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	request := &signature.Request{
		Method: http.MethodPost,
		Header: http.Header{
			"X-Github-Event":      {"push"},
			"X-Github-Delivery":   {"72d3162e-cc78-11e3-81ab-4c9367dc0958"},
			"X-Hub-Signature-256": {"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
		},
		Body: []byte("Hello, World!"),
	}
	fmt.Println(source.Verify(context.Background(), request, time.Now()).OK)
	fmt.Println(source.Identify(request))
	// Output:
	// true
	// 72d3162e-cc78-11e3-81ab-4c9367dc0958 push
}

func ExampleSuggest() {
	fmt.Println(provider.Suggest("gihub"))
	// Output: [github]
}
