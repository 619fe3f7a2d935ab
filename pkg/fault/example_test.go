package fault_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/fault"
)

// An error says by its wrapping how it is to be treated.
func Example() {
	broken := errors.New("no such customer")
	err := fmt.Errorf("bill: %w", fault.Permanent(fault.Because(fault.ReasonRejected, broken)))
	fmt.Println(err)
	fmt.Println(fault.IsPermanent(err), fault.ReasonOf(err))

	busy := fault.RetryAfter(errors.New("closed for the night"), time.Hour)
	fmt.Println(fault.Wait(busy))
	// Output:
	// bill: no such customer
	// true rejected
	// 1h0m0s true
}
