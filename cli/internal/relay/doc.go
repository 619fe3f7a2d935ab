// Package relay forwards events of an installation to applications on this machine.
//
//	targets, err := relay.ParseTargets([]string{"http://localhost:3000/hooks"})
//	f := relay.Forwarder{Client: client, Targets: targets}
//	results, err := f.Forward(ctx, event)
//	err = cursor.Save(line.Cursor)
//
// The request is the sender's: the body byte for byte, and the header fields that are the
// application's business, those of the signature among them. So the application verifies as it does
// where it is deployed. A [Cursor] keeps how far the archive was forwarded.
package relay
