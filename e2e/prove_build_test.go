//go:build prove

package e2e

// unconfirmed is the folder of the programs that do not wait for confirms.
const unconfirmed = "unconfirmed"

// builds are as they are shipped, and those of the control.
var builds = map[string][]string{
	"":          nil,
	unconfirmed: {"-tags", "unconfirmed"},
}
