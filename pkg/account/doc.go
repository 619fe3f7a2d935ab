// Package account knows what the API of a provider gives to find out which events the
// provider could not deliver.
//
//	facts, known := account.Lookup("github")
//
// Each provider is one file in facts, with the public documentation that each fact is from.
// The code that asks the API is in worker/internal/adapter.
package account
