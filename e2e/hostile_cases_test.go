package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// hostileCase is what one connection sends, and the statuses that may answer it.
// Zero stands for a connection that is closed without an answer.
type hostileCase struct {
	name, text string
	want       []int
}

const end = "\r\n\r\n"

// post is a POST with header lines, each without its line break, and a body.
func post(path, body string, lines ...string) string {
	lines = append([]string{"POST " + path + " HTTP/1.1", "Host: x"}, lines...)
	return strings.Join(lines, "\r\n") + end + body
}

func length(n string) string { return "Content-Length: " + n }

func signedWith(body string) string {
	mac := hmac.New(sha256.New, []byte(githubSecret))
	mac.Write([]byte(body))
	return "X-Hub-Signature-256: sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func framingCases() []hostileCase {
	const chunked = "Transfer-Encoding: chunked"
	return []hostileCase{
		{"CL.TE: both framings", post("/in/open", "0\r\n\r\nGET /x HTTP/1.1\r\n\r\n", length("6"), chunked), []int{202, 400}},
		{"TE.CL: both framings", post("/in/open", "14\r\nGPOST / HTTP/1.1\r\n\r\n\r\n0\r\n\r\n", chunked, length("4")), []int{202, 400}},
		{"two different lengths", post("/in/open", "hello", length("5"), length("6")), []int{400}},
		{"a list of lengths", post("/in/open", "hello", length("5, 6")), []int{400}},
		{"a negative length", post("/in/open", "", length("-1")), []int{400}},
		{"a length with a sign", post("/in/open", "hello", length("+5")), []int{400}},
		{"a length beyond 64 bits", post("/in/open", "", length("99999999999999999999999")), []int{400}},
		{"a length in hexadecimal", post("/in/open", "hello", length("0x5")), []int{400}},
		{"the largest length", post("/in/open", "", length("9223372036854775807")), []int{413}},
		{"chunked is not last", post("/in/open", "0\r\n\r\n", "Transfer-Encoding: chunked, identity"), []int{400, 501}},
		{"chunked twice", post("/in/open", "0\r\n\r\n", chunked, chunked), []int{400, 501}},
		{"an obscured chunked", post("/in/open", "0\r\n\r\n", "Transfer-Encoding: \x0bchunked"), []int{400, 501}},
		{"an unknown coding", post("/in/open", "0\r\n\r\n", "Transfer-Encoding: gzip"), []int{400, 501}},
		{"a space before the colon", post("/in/open", "hello", "Content-Length : 5"), []int{400}},
		{"a folded header line", post("/in/open", "", "X-A: b\r\n c", length("0")), []int{202, 400}},
		{"a bare line feed in a chunk", post("/in/open", "5\nhello\r\n0\r\n\r\n", chunked), []int{400}},
		{"a chunk extension without end", post("/in/open", "1;"+strings.Repeat("a", 100_000)+"\r\nx\r\n0\r\n\r\n", chunked), []int{400}},
		{"a huge chunk", post("/in/open", "7fffffffffffffff\r\n", chunked), []int{0, 400, 408}},
		{"a chunk length beyond 64 bits", post("/in/open", "ffffffffffffffffff\r\n", chunked), []int{400}},
		{"HTTP/1.0 and chunked", "POST /in/open HTTP/1.0\r\nHost: x\r\n" + chunked + end + "0\r\n\r\n", []int{202, 400, 501}},
	}
}

func lineCases() []hostileCase {
	return []hostileCase{
		{"no request at all", end, []int{0, 400}},
		{"a TLS record inside of TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + end, []int{0, 400}},
		{"an unknown version", "POST /in/open HTTP/9.9\r\nHost: x" + end, []int{400, 505}},
		{"HTTP/0.9", "GET /in/open\r\n\r\n", []int{400}},
		{"no Host", "POST /in/open HTTP/1.1\r\nContent-Length: 0" + end, []int{400}},
		{"two Hosts", post("/in/open", "", "Host: y", length("0")), []int{400}},
		{"a Host of bad bytes", "POST /in/open HTTP/1.1\r\nHost: a\x00b\r\nContent-Length: 0" + end, []int{400}},
		{"a method of bad bytes", "P\x01ST /in/open HTTP/1.1\r\nHost: x" + end, []int{400}},
		{"CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443" + end, []int{404, 405}},
		{"TRACE", "TRACE /in/open HTTP/1.1\r\nHost: x" + end, []int{405}},
		{"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: x" + end, []int{404}},
		{"a preface of HTTP/2 on HTTP/1.1", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []int{0, 400, 404, 505}},
		{"an absolute target", post("http://evil.example/in/open", "", length("0")), []int{202, 400}},
		{"a path upwards", post("/in/../../etc/passwd", "", length("0")), []int{404}},
		{"an encoded path upwards", post("/in/%2e%2e%2fopen", "", length("0")), []int{404}},
		{"a broken escape", post("/in/%zz", "", length("0")), []int{400}},
		{"a NUL in the name", post("/in/open%00", "", length("0")), []int{404}},
		{"a slash more", post("/in/open/", "", length("0")), []int{404}},
		{"two slashes", post("//in/open", "", length("0")), []int{404}},
		{"a name that is not UTF-8", post("/in/\xff\xfe", "", length("0")), []int{400, 404}},
		{"a name of 20,000 bytes", post("/in/"+strings.Repeat("a", 20_000), "", length("0")), []int{404}},
		{"a target of 100,000 bytes", post("/in/"+strings.Repeat("a", 100_000), "", length("0")), []int{0, 414, 431}},
		{"a header of 1 MiB", post("/in/open", "", "X-A: "+strings.Repeat("a", 1<<20), length("0")), []int{0, 431}},
		{"50,000 header lines", post("/in/open", "", strings.Repeat("A: b\r\n", 50_000)+length("0")), []int{0, 431}},
		{"a NUL in a value", post("/in/open", "", "X-A: a\x00b", length("0")), []int{400}},
		{"a name of bad bytes", post("/in/open", "", "X\xff: a", length("0")), []int{400}},
		{"a header without a name", post("/in/open", "", ": a", length("0")), []int{400}},
		{"a value that is not UTF-8", post("/in/open", "", "X-A: \xff\xfe", length("0")), []int{202}},
		{"an unknown expectation", post("/in/open", "", "Expect: 200-maybe", length("0")), []int{417}},
		{"Expect: 100-continue to nobody", post("/in/nobody", "", "Expect: 100-continue", length("5")), []int{404}},
		{"Expect: 100-continue, too large", post("/in/open", "", "Expect: 100-continue", length("99999999")), []int{413}},
		{"Expect: 100-continue, a wrong method", "PUT /in/open HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5" + end, []int{405}},
		{"Expect: 100-continue, a wrong content type", post("/in/json", "", "Expect: 100-continue", "Content-Type: text/plain", length("5")), []int{415}},
		{"Expect: 100-continue, a wrong address", post("/in/elsewhere", "", "Expect: 100-continue", length("5")), []int{403}},
		{"256 header lines", post("/in/open", "", strings.Repeat("A: b\r\n", 255)+length("0")), []int{202}},
		{"257 header lines", post("/in/open", "", strings.Repeat("A: b\r\n", 256)+length("0")), []int{431}},
		{"7,000 header lines within the size", post("/in/open", "", strings.Repeat("A:\r\n", 7_000)+length("0")), []int{0, 431}},
		{"an upgrade", post("/in/open", "", "Connection: Upgrade", "Upgrade: websocket", length("0")), []int{202}},
	}
}

func signatureCases() []hostileCase {
	good := signedWith("{}")
	github := func(lines ...string) string { return post("/in/github", "{}", append(lines, length("2"))...) }
	stripe := func(value string) string { return post("/in/stripe", "{}", "Stripe-Signature: "+value, length("2")) }
	zeros := strings.Repeat("0", 64)
	return []hostileCase{
		{"no signature", github(), []int{401}},
		{"an empty signature", github("X-Hub-Signature-256: "), []int{401}},
		{"a signature of another body", github(signedWith("{ }")), []int{401}},
		{"a short signature", github(good[:len(good)-2]), []int{401}},
		{"a signature and more", github(good + "00"), []int{401}},
		{"a signature of bad bytes", github("X-Hub-Signature-256: sha256=\xff\xff"), []int{401}},
		{"two signatures, one right", github(good, "X-Hub-Signature-256: sha256="+zeros), []int{401}},
		{"the weaker signature only", github("X-Hub-Signature: sha1=" + zeros[:40]), []int{401}},
		{"a compressed body of a signed one", github(good, "Content-Encoding: gzip"), []int{200}},
		{"the same request again", github(good, "Content-Encoding: gzip"), []int{200}},
		{"a forged address", github("X-Forwarded-For: 127.0.0.1", "Forwarded: for=127.0.0.1"), []int{401}},
		{"a method that is overridden", github("X-HTTP-Method-Override: GET"), []int{401}},
		{"a timestamp beyond 64 bits", stripe("t=99999999999999999999999,v1=" + zeros), []int{401}},
		{"a negative timestamp", stripe("t=-9223372036854775808,v1=" + zeros), []int{401}},
		{"a timestamp that is no number", stripe("t=NaN,v1=" + zeros), []int{401}},
		{"an old timestamp", stripe("t=1,v1=" + zeros), []int{401}},
		{"6,000 signatures", stripe("t=1" + strings.Repeat(",v1=0", 6_000)), []int{401}},
		{"100,000 signatures", stripe("t=1" + strings.Repeat(",v1=0", 100_000)), []int{0, 431}},
		{"separators only", stripe(strings.Repeat(",", 20_000)), []int{401}},
		{"nested JSON", post("/in/open", strings.Repeat("[", 100_000), length("100000")), []int{202}},
	}
}
