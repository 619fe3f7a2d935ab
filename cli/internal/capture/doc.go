// Package capture reads a webhook that somebody kept: as raw HTTP, as a curl
// command, or as JSON.
//
//	captured, err := capture.Parse(data, os.ReadFile)
//
// Raw HTTP is what a proxy, tcpdump or 'penstock sign' prints: a request line,
// which may be missing, fields, an empty line, and the body. A curl command is
// what browsers and API tools copy; its words are read as a POSIX shell would,
// but nothing is expanded or run. JSON is what 'penstock listen --output json'
// prints, a HAR entry's request, or anything with method, url or path, headers
// and body in it.
//
// The body is kept byte for byte. Where a capture leaves open what the body is,
// a note says what was assumed.
package capture
