package signature

// Scheme says how a provider signs its requests. Its zero value is not valid:
// at least Alg, and for most algorithms Sig, must be set. Use [Compile] to check it.
//
// # Locations
//
// A location names a part of the request:
//
//	header:NAME        a header field; HTTP names are case-insensitive
//	header:PREFIX*     all header fields whose name starts with PREFIX (only in Sig)
//	query:NAME         a parameter of the query string, decoded
//	form:NAME          a field of the body, urlencoded or multipart, decoded
//	json:a.0.b         a value in the JSON body: object keys and array indexes;
//	                   "a..b" finds the first b at any depth below a; "\." is a dot in a key
//	jsonraw:a.0.b      the same value as it is written, quotes included
//	formjson:FIELD/a.b a value in JSON that is in a form field
//	body               the whole raw body
//
// A location can be followed by filters, "header:x|b64json:signature"; see Msg.
//
// # Templates
//
// Msg is text with placeholders in braces: any location, and
//
//	{ts} {nonce} {keyid}  what Items captured, or TS found, verbatim
//	{method} {path}       the request's method; the path of its public URL
//	{pathq}               path and query
//	{url} {url_noquery}   the configured public URL, with and without the query as received
//	{form_sorted}         name and value of every form field, ordered by the bytes of the name
//	{secret}              the decoded secret (algorithms hash-*)
//	{cfg:NAME}            a setting of the source
//
// Filters follow a "|": sha256, sha1, sha512 (hexadecimal), sha256b64, md5b64, crc32 (decimal),
// lower, upper, b64url, b64, urldecode, b64json:PATH (a value in base64 of JSON),
// jwt:PATH (a claim in a JWT's payload, unverified), jwthead:PATH (a field of its header),
// jsontype (object, array, string, number, boolean or null; absent when it is not JSON).
// "{x?}" is empty when x is absent; otherwise an absent part rejects the request.
// "{?a {x} b?}" is left out as a whole when a part of it is absent.
type Scheme struct {
	// Alg is one of hmac-sha1, hmac-sha256, hmac-sha384, hmac-sha512; hash-md5, hash-sha1,
	// hash-sha256, hash-sha384, hash-sha512 (the message contains {secret}); ed25519;
	// ecdsa-sha1, ecdsa-sha256, ecdsa-sha384, ecdsa-sha512 (ASN.1 DER signatures);
	// rsa-sha1, rsa-sha256, rsa-sha384, rsa-sha512 (PKCS #1 v1.5); rsa-pss-sha256, rsa-pss-sha512;
	// token (the located text equals the secret); jwt; none.
	Alg string `json:"alg" yaml:"alg"`
	// Sig lists the locations of the signature. All that are present are looked at.
	Sig Strings `json:"sig,omitempty" yaml:"sig,omitempty"`
	// Sep is a set of characters that split the located text into entries. Empty: one entry.
	Sep string `json:"sep,omitempty" yaml:"sep,omitempty"`
	// Group is a set of characters that split the located text into groups first, each with
	// its own timestamp and signatures.
	Group string `json:"group,omitempty" yaml:"group,omitempty"`
	// Items are patterns for the entries, such as "v1={sig}". Captures are {sig}, {ts}, {nonce},
	// {keyid} and {scheme}. An entry that matches none is ignored; any {sig} may match.
	// Default: "{sig}".
	Items Strings `json:"items,omitempty" yaml:"items,omitempty"`
	// Positional makes Items[0] the pattern of the first entry and Items[1] that of all others.
	Positional bool `json:"positional,omitempty" yaml:"positional,omitempty"`
	// Enc is how the signature is written: hex (either case), base64 (both alphabets, padding
	// optional), base64url, hex>base64 (base64 of the hexadecimal text). Default: hex;
	// for token: the text itself.
	Enc string `json:"enc,omitempty" yaml:"enc,omitempty"`
	// Msg is the template of what is signed. Default: "{body}".
	Msg string `json:"msg,omitempty" yaml:"msg,omitempty"`
	// AltMsg lists further templates; one of them matching is enough.
	AltMsg Strings `json:"alt_msg,omitempty" yaml:"alt_msg,omitempty"`
	// Rest is the location of the one value in Msg that may hold the text that separates it from its
	// neighbours; in any other such a text rejects the request. The body always may.
	Rest string `json:"rest,omitempty" yaml:"rest,omitempty"`
	// Signs is the form of {body} that is signed, of a body with a Content-Encoding (gzip, deflate, br
	// or zstd): as-sent, decoded, or either. Default: as-sent.
	Signs string `json:"signs,omitempty" yaml:"signs,omitempty"`
	// Key is how the secret becomes a key: utf8 (as it is), base64, hex, whsec (base64 after an
	// optional "whsec_"), sha1 or sha256 (the digest of the secret), nfkd (Unicode NFKD),
	// suffix:TEXT (TEXT appended); for public keys: hex or base64 (raw Ed25519), spki-b64
	// (base64 of the DER of a SubjectPublicKeyInfo), pem, x509 (a PEM certificate).
	// Default: utf8, for public keys pem.
	Key string `json:"key,omitempty" yaml:"key,omitempty"`
	// KeySrc names where keys come from when not from the configuration: "KIND:ARGUMENT",
	// optionally followed by " kid=LOCATION". Default: the configuration.
	KeySrc string `json:"keysrc,omitempty" yaml:"keysrc,omitempty"`
	// TS is where the time of sending is, and how old it may be. Without it no time is looked at.
	TS *Timestamp `json:"ts,omitempty" yaml:"ts,omitempty"`
	// UnsignedTimestamp accepts that the signature does not cover the time: then a captured request
	// is accepted for ever, with a fresh time.
	UnsignedTimestamp bool `json:"unsignedTimestamp,omitempty" yaml:"unsignedTimestamp,omitempty"`

	// Algs are the JWS algorithms (RFC 7518) that a JWT may use, such as HS256. Required for jwt.
	Algs Strings `json:"algs,omitempty" yaml:"algs,omitempty"`
	// Claims are the claims that a JWT must have, with exactly this text; "aud" must contain it.
	Claims map[string]string `json:"claims,omitempty" yaml:"claims,omitempty"`
	// Bind ties claims of a JWT to the request. A JWT without it does not cover the body.
	Bind []Bind `json:"bind,omitempty" yaml:"bind,omitempty"`
	// Leeway is how many seconds the exp, nbf and iat claims may be off.
	Leeway int `json:"leeway,omitempty" yaml:"leeway,omitempty"`
	// Optional lets requests without any signature through: a source with it has to say that it is
	// open.
	Optional bool `json:"optional,omitempty" yaml:"optional,omitempty"`

	// Partial lets a form have fields that the signature does not cover, and be multipart: anybody
	// with a captured request can write them. Without it a request whose signature covers form fields
	// must be urlencoded, and have no other fields.
	Partial bool `json:"partial,omitempty" yaml:"partial,omitempty"`

	// Also lists pairs that must be equal too: locations with filters, for instance
	// ["body|sha256", "query:bodySHA256"]. They are compared as text, in constant time.
	Also [][]string `json:"also,omitempty" yaml:"also,omitempty"`
	// URLVariants are other spellings of {url} to try. default-port: with and without ":443" or
	// ":80". decoded: with the escapes decoded that HubSpot documents.
	URLVariants Strings `json:"url_variants,omitempty" yaml:"url_variants,omitempty"`
	// AlgHeader lets a header field choose between algorithms.
	AlgHeader *AlgHeader `json:"alg_header,omitempty" yaml:"alg_header,omitempty"`
	// JSONVariant replaces Msg and Also for the requests that it applies to.
	JSONVariant *Variant `json:"json_variant,omitempty" yaml:"json_variant,omitempty"`

	// Alt lists schemes for requests that have no signature at this scheme's locations. The first
	// one with a signature at its own locations decides alone: a request that carries the
	// stronger signature is never accepted for the weaker one. An Alt has no Alt itself.
	Alt []Scheme `json:"alt,omitempty" yaml:"alt,omitempty"`
	// AltScheme is the name of a provider whose scheme is appended to Alt. A preset may have it, and
	// a scheme of the configuration may not.
	AltScheme string `json:"alt_scheme,omitempty" yaml:"alt_scheme,omitempty"`

	// ID is the expression for the event's id, such as "header:x-event-id" or "json:id". Of several
	// the first one that finds something counts.
	ID Strings `json:"id,omitempty" yaml:"id,omitempty"`
	// Type is the expression for the event's type, as ID is.
	Type Strings `json:"type,omitempty" yaml:"type,omitempty"`
}

// DefaultTolerance is how far a timestamp may be from now, in seconds, when a scheme does not say.
const DefaultTolerance = 300

// Timestamp is the time of sending.
type Timestamp struct {
	// From is "sig" (captured by Items) or a location.
	From string `json:"from" yaml:"from"`
	// Unit is s, ms, ns, iso (RFC 3339; without zone: UTC) or auto (by its size; or iso).
	// Default: s.
	Unit string `json:"unit,omitempty" yaml:"unit,omitempty"`
	// Tol is the largest accepted distance from now, before or after, in seconds.
	// Default: 300. Zero: any.
	Tol *int `json:"tol,omitempty" yaml:"tol,omitempty"`
}

// Bind ties a claim of a JWT to the request.
type Bind struct {
	// Claim is the name of the claim; dots lead into objects.
	Claim string `json:"claim" yaml:"claim"`
	// Over is the template that is hashed. Default: "{body}".
	Over string `json:"over,omitempty" yaml:"over,omitempty"`
	// Hash is sha1, sha256, sha384, sha512 or md5. Default: sha256.
	Hash string `json:"hash,omitempty" yaml:"hash,omitempty"`
	// Enc is how the claim is written: hex, base64, base64url or hex>base64. Default: hex.
	Enc string `json:"enc,omitempty" yaml:"enc,omitempty"`
	// Optional accepts a token without the claim.
	Optional bool `json:"optional,omitempty" yaml:"optional,omitempty"`
	// OptionalIfEmpty accepts a token without the claim when Over renders to nothing.
	OptionalIfEmpty bool `json:"optional_if_empty,omitempty" yaml:"optional_if_empty,omitempty"`
}

// AlgHeader lets a header field choose between algorithms. A request without the field uses
// Scheme.Alg; a value that is not in Map is rejected.
type AlgHeader struct {
	// Header is the field's name.
	Header string `json:"header" yaml:"header"`
	// Map leads from the field's value to an algorithm of the same family as Scheme.Alg.
	Map map[string]string `json:"map" yaml:"map"`
}

// Variant is another message for some requests.
type Variant struct {
	// When is a location: the variant applies to requests where it is present.
	When string `json:"when" yaml:"when"`
	// Msg replaces Scheme.Msg and Scheme.AltMsg.
	Msg string `json:"msg" yaml:"msg"`
	// Also replaces Scheme.Also.
	Also [][]string `json:"also,omitempty" yaml:"also,omitempty"`
}
