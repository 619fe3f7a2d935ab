package status_test

import (
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/status"
)

func Example() {
	message, err := status.Encode([]status.Record{{
		Kind: status.Delivered, Event: "0199d3c4-7a51-7cc1-8f0a-3b1d5a6c7e8f", Source: "github", Type: "push", Route: "ci",
		Attempt: 1, ReceivedAt: time.UnixMilli(1764000000123), At: time.UnixMilli(1764000000160), HTTPStatus: 204, Took: 12 * time.Millisecond,
	}})
	if err != nil {
		panic(err)
	}
	fmt.Print(string(message.Body))

	records, err := status.Decode(message)
	if err != nil {
		panic(err)
	}
	fmt.Println(records[0].Kind, records[0].Route, records[0].At.Sub(records[0].ReceivedAt))
	// Output:
	// {"kind":"delivered","event":"0199d3c4-7a51-7cc1-8f0a-3b1d5a6c7e8f","source":"github","type":"push","route":"ci","attempt":1,"received":1764000000123,"at":1764000000160,"status":204,"took":12}
	// delivered ci 37ms
}
