// Package doctor looks for what is wrong with an installation, and says what to do
// about it.
//
//	findings := doctor.Run(ctx, installation.Checks(), 15*time.Second, progress)
//	for _, f := range findings {
//		fmt.Println(f.Status, f.Check, f.Text, f.Remedy)
//	}
//
// A [Check] asks one party: the configuration file, the broker, the store, the tracker,
// the gateway, a certificate. Checks run side by side, each for a bounded time, and
// change nothing. What cannot be looked at because nobody said where it is, is skipped
// and says how to say so.
//
// No finding quotes a password or a token.
package doctor
