// Package pemfile reads certificates and keys from files as people have them: with a byte
// order mark, in UTF-16 as some editors write it, and with the chain in the wrong order.
//
//	pair, err := pemfile.Pair("server.crt", "server.key")
//	pool, err := pemfile.Pool("ca.crt")
//
// Its errors name the file, and quote nothing of it.
package pemfile
