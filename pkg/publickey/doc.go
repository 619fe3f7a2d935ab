// Package publickey reads the public keys and certificates of others: those that a
// request brings, those that a provider or an issuer publishes, and those that an
// operator pins. There is one rule for all of them, so that none can make a
// verification costly:
//
//   - a key is on P-256, P-384 or P-521, or it is Ed25519, or RSA with at most
//     [MaxRSABits];
//   - a key or a certificate has at most [MaxDER] bytes;
//   - a chain has at most [MaxChain] certificates, and its links are checked one by
//     one, each once.
//
// Authorities of client certificates are the operator's own, and not read here.
// Everything is safe for concurrent use.
package publickey
