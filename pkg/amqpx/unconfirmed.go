//go:build unconfirmed

package amqpx

// awaitConfirms is off: Publish calls published what was only written to a socket.
const awaitConfirms = false
