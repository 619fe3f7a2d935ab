// Package condition looks every few seconds for incidents that no record shows: events that
// wait without a deliverer, or for too long, events that are unaccounted, a source that fell
// silent, a configuration that is refused, a certificate near its end, an account whose provider
// could not deliver events or cannot be asked.
//
//	watch := condition.New(condition.Options{Store: s, Broker: consumer, Config: cfg.Load, …})
//	watch.Run(ctx) // of the active tracker, until ctx is done
//
// What a look cannot find out changes nothing: an incident stays as it is until the watch
// knows better. The watch also resolves the incidents whose failures are over.
package condition
