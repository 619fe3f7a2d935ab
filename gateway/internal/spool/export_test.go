package spool

// Encode and Decode are how a publication stands on disk.
var (
	Encode = encode
	Decode = decode
)
