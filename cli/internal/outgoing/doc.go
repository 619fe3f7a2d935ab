// Package outgoing is an HTTP request that is signed and ready: it is shown as
// raw HTTP, shown as a curl command, or sent.
//
//	r := outgoing.Request{Method: "POST", URL: address, Header: header, Body: body}
//	fmt.Println(r.Curl(outgoing.CurlOptions{}))
//	answer, err := outgoing.Send(ctx, r, outgoing.SendOptions{Timeout: 10 * time.Second})
//
// All three carry the body byte for byte: one changed byte, and the signature
// does not fit any more.
package outgoing
