// Package curl writes a request as a command for curl, to be pasted into a POSIX shell:
//
//	curl.Command{Method: "POST", URL: address, Header: fields, Body: body}.String()
//
// Every word is quoted, so that nothing in a request that a stranger sent becomes a
// command: not in the shell, and not as an option of curl. A terminal acts on control
// characters before the shell sees them, and bidirectional ones hide what is pasted, so the
// command has none of either: such a body goes through base64.
package curl
