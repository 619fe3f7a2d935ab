// Package header knows whose business the header fields of a request are: the sender's, a
// proxy's, HTTP's own, or Penstock's. It also knows when two names are one to a receiver:
// CGI, WSGI, Rack and PHP pass header fields on as variables, in which "X_Forwarded_For"
// and "X-Forwarded-For" are the same.
//
//	header.Fold("X_Forwarded_For") == header.Fold("X-Forwarded-For")
package header
