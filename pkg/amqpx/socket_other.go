//go:build !linux

package amqpx

import (
	"syscall"
	"time"
)

// limitUnacknowledged does nothing where TCP_USER_TIMEOUT does not exist: the
// heartbeat and the write deadline find a dead connection there.
func limitUnacknowledged(time.Duration) func(network, address string, c syscall.RawConn) error {
	return nil
}
