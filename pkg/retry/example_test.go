package retry_test

import (
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/retry"
)

func ExampleParseAfter() {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	fmt.Println(retry.ParseAfter("120", now))
	fmt.Println(retry.ParseAfter("Fri, 02 Jan 2026 03:05:05 GMT", now))
	fmt.Println(retry.ParseAfter("soon", now))
	// Output:
	// 2m0s true
	// 1m0s true
	// 0s false
}
