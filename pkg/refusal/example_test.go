package refusal_test

import (
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/refusal"
)

func Example() {
	at := time.UnixMilli(1764000000000)
	message, err := refusal.Encode(refusal.Report{
		Instance: "gateway-1/42", Number: 7, At: at,
		Counts: []refusal.Count{{Source: "github", Reason: "mismatch", N: 3, LastAt: at}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	report, err := refusal.Decode(message)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range report.Counts {
		fmt.Printf("%s refused %d of %s: %s\n", report.Instance, c.N, c.Source, c.Reason)
	}
	// Output: gateway-1/42 refused 3 of github: mismatch
}
