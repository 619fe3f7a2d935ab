//go:build !unconfirmed

package amqpx

// awaitConfirms is what makes a publish durable. It is off only in a build with the tag
// unconfirmed, which the fault suite makes to see that it would notice.
const awaitConfirms = true
