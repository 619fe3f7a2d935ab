// Package process is how a program begins and ends at its command line.
//
//	func main() { process.Main(run) }
//
//	func run(ctx context.Context, args []string, env config.Lookup, stdout io.Writer) error {
//		if len(args) > 0 {
//			return process.Misused(fmt.Errorf("unknown argument %q", args[0])) // exit code 2
//		}
//		return process.Serve(ctx, env, stdout, app.New)
//	}
//
// [Main] gives run a context that ends with SIGINT or SIGTERM. [Serve] is what a run does
// that is not asked for help: it loads the settings, makes the logger, and runs what they
// are for.
package process
