package process_test

import (
	"errors"
	"fmt"

	"github.com/penstock/penstock/pkg/process"
)

// Orchestrators restart what failed; what is misused would only fail again.
func ExampleExitCode() {
	fmt.Println(process.ExitCode(nil))
	fmt.Println(process.ExitCode(errors.New("listen on :8443: address already in use")))
	fmt.Println(process.ExitCode(process.Misused(errors.New("PENSTOCK_LISTEN: not an address"))))
	// Output:
	// 0
	// 1
	// 2
}
