// Package command is the command line of penstock: one file for each command,
// with its flags, its help and what it prints. What a command does is in the
// packages beside this one, which know nothing of flags.
//
//	code := command.Run(ctx, os.Args[1:], command.Streams{Env: os.LookupEnv, In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
//
// Results go to Out and are fit for a pipe; everything else goes to Err. The
// exit code says what happened: see [Code].
//
// docs/cli.md and docs/man are made of the commands' help; a test compares them, and
// writes them with -update.
package command

//go:generate go test -run "Test(TheReference|TheManual)IsUpToDate" . -update
