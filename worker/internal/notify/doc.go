// Package notify sends messages about incidents to the channels of the configuration: signed
// webhooks, Slack, Microsoft Teams, mail, PagerDuty.
//
//	notifier := notify.New(notify.Options{Store: s, Config: cfg.Load, ConsoleURL: url, Log: log})
//	notifier.Run(ctx) // of the active tracker, until ctx is done
//
// # Once decided, sent
//
// Each change of an incident has a number. The store keeps the last number that a channel has
// dealt with, and moves it in the transaction that adds the notices. So a tracker that takes
// over forgets no change and decides none twice. An attempt is counted before it begins. One without
// a result is repeated with the same id, so a message comes twice at most when a tracker dies
// between sending and recording.
//
// # What is in a message
//
// Kind, route or source, reason, HTTP status, counts and times, and a link to the console. An
// answer of the destination, which may quote an event, is in it only where the channel says
// payloads.
package notify
