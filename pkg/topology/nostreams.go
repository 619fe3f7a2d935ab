package topology

import "maps"

// dropping returns the arguments of a queue that drops its oldest messages when it is full,
// as a stream does. Publishing to it never fails for its size.
func dropping(args map[string]any) map[string]any {
	all := quorum(map[string]any{"x-overflow": "drop-head", deliveryLimit: int64(unlimited)})
	maps.Copy(all, args)
	return all
}

// newest returns the arguments of a queue of the newest messages.
func newest(most int) map[string]any { return dropping(map[string]any{"x-max-length": int64(most)}) }

// records returns the arguments of the queue of status records. One tracker consumes it at a
// time: what another one still holds is older, and has to come first.
func records(_ string, maxBytes int64) map[string]any {
	args := dropping(map[string]any{singleActive: true})
	if maxBytes > 0 {
		args[argMaxBytes] = maxBytes
	}
	return args
}
