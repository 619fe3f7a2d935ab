// Package curl writes a request as a command for curl, to be pasted into a POSIX shell:
//
//	curl.Command{Method: "POST", URL: address, Header: fields, Body: body}.String()
//
// Every word is quoted, so that nothing in a request that somebody else sent becomes a
// command: not in the shell, and not as an option of curl.
package curl
