// Package notify sends messages about incidents to the channels of the configuration: signed
// webhooks, Slack, Microsoft Teams, mail, PagerDuty.
//
//	notifier := notify.New(notify.Options{Store: s, Config: cfg.Load, ConsoleURL: url, Log: log})
//	notifier.Run(ctx) // of the active tracker, until ctx is done
//
// # Once decided, sent
//
// Each change of an incident has a number. A channel remembers the last one that it has taken
// up, and moves on in the transaction that notes which messages are to be sent. So a tracker
// that takes over forgets none and decides none twice. An attempt is noted before it begins: one
// of which nothing was heard is repeated, with the same id, so a message comes twice at most
// when a tracker dies between sending and noting.
//
// # What is in a message
//
// Kind, route or source, reason, HTTP status, counts and times, and a link to the console. An
// answer of the destination, which may quote an event, is in it only where the channel says
// payloads.
package notify
