package settings_test

import (
	"fmt"
	"os"
	"reflect"
	"time"

	"github.com/penstock/penstock/pkg/settings"
)

// reporter is what a process of one's own is set with.
type reporter struct {
	Every time.Duration `split_words:"true" default:"1m" desc:"how often to report"`
	Token string        `split_words:"true" file:"true" desc:"what to report with"`
}

// What --help prints is what Load reads.
func ExampleUsage() {
	if err := settings.Usage(os.Stdout, new(reporter)); err != nil {
		fmt.Println(err)
	}
	// Output:
	//   PENSTOCK_EVERY       1m  how often to report
	//   PENSTOCK_TOKEN           what to report with
	//   PENSTOCK_TOKEN_FILE      a file to read it from instead
}

func ExampleLoad() {
	var s reporter
	if err := settings.Load(&s); err != nil {
		fmt.Println(err)
		os.Exit(settings.ExitCode)
	}
	fmt.Println("a report every", s.Every)
	// Output: a report every 1m0s
}

func ExampleVariable() {
	field, _ := reflect.TypeFor[settings.Process]().FieldByName("ShutdownTimeout")
	fmt.Println(settings.Variable(field))
	// Output: PENSTOCK_SHUTDOWN_TIMEOUT
}
