package curl_test

import (
	"fmt"

	"github.com/penstock/penstock/pkg/curl"
	"github.com/penstock/penstock/pkg/event"
)

func ExampleCommand() {
	fmt.Println(curl.Command{
		Method: "POST",
		URL:    "https://billing.internal/hooks",
		Header: []event.Field{{Name: "Content-Type", Value: "application/json"}},
		Body:   []byte(`{"note": "it's paid"}`),
	})
	// Output:
	// curl 'https://billing.internal/hooks' --header 'Content-Type: application/json' --data-raw '{"note": "it'\''s paid"}'
}
