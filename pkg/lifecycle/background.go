package lifecycle

import "context"

// Background starts work, and returns what ends its context and waits until it has
// returned. That wait is no longer than the context of stop, and then returns its cause.
func Background(ctx context.Context, work func(context.Context)) (stop func(context.Context) error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		work(ctx)
	}()
	return func(stopping context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-stopping.Done():
			return context.Cause(stopping)
		}
	}
}
