// Package sample makes realistic events: of fixtures for a few providers, and of an event that came, with
// its personal data replaced.
//
//	body, known := sample.Body("stripe", "invoice.paid", time.Now())
//	body, err := sample.Mask(body)
//
// The fixtures have the fields that the providers' documentation lists, with values of our own. Their
// ids and times are fresh each time.
package sample
