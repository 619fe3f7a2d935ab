package signature

// The captures of an item, and the placeholders for them.
const (
	captureSig    = "sig"
	captureTS     = "ts"
	captureNonce  = "nonce"
	captureKeyID  = "keyid"
	captureScheme = "scheme"
)

// The kinds of locations.
const (
	atHeader   = "header"
	atQuery    = "query"
	atForm     = "form"
	atFormJSON = "formjson"
	atJSON     = "json"
	atJSONRaw  = "jsonraw"
	atConfig   = "cfg"
	atBody     = "body"

	formSorted = "form_sorted"
)

// The units of timestamps.
const (
	unitS    = "s"
	unitMS   = "ms"
	unitNS   = "ns"
	unitISO  = "iso"
	unitAuto = "auto"
)

// The encodings of bytes, which are kinds of keys too.
const (
	encHex       = "hex"
	encBase64    = "base64"
	encBase64URL = "base64url"
	encHexBase64 = "hex>base64"
)

// The kinds of keys that are not encodings.
const (
	keyUTF8   = "utf8"
	keyWhsec  = "whsec"
	keyNFKD   = "nfkd"
	keySHA1   = "sha1"
	keySHA256 = "sha256"
	keySuffix = "suffix:"
	keyPEM    = "pem"
	keyX509   = "x509"
	keySPKI   = "spki-b64"
)
