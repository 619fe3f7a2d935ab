// Package storetest gives tests a store, and waits for what becomes of events in it.
//
//	s := storetest.New(t) // until the test ends
//	e := storetest.Await(t, s, id, storetest.In("invoices", store.Delivered))
package storetest
