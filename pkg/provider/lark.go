package provider

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"github.com/penstock/penstock/pkg/signature"
)

// openLark decrypts a body of Lark with the first secret that fits: AES-256-CBC
// under the secret's SHA-256, the initialization vector first. A body that is not
// encrypted is returned as it is.
func openLark(r *signature.Request, secrets []string) []byte {
	sealed, err := base64.StdEncoding.DecodeString(larkSealed.Eval(r))
	if err != nil || len(sealed) < 2*aes.BlockSize || len(sealed)%aes.BlockSize != 0 {
		return r.Body
	}
	for _, secret := range secrets {
		if text := openCBC(sealed, secret); json.Valid(text) {
			return text
		}
	}
	return r.Body
}

// larkSealed finds what is encrypted.
var larkSealed = func() *signature.Expr {
	expr, err := signature.CompileExpr(signature.Strings{"json:encrypt"})
	return must(expr, err)
}()

// openCBC decrypts a JSON object and takes off the padding of PKCS #7. It returns nil for any other
// text, mostly without decrypting more than the beginning.
func openCBC(sealed []byte, secret string) []byte {
	key := sha256.Sum256([]byte(secret))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil // the key always has 32 bytes
	}
	if first := decryptCBC(block, sealed[:2*aes.BlockSize]); first[0] != '{' {
		return nil
	}
	text := decryptCBC(block, sealed)
	padding := int(text[len(text)-1])
	if padding == 0 || padding > aes.BlockSize {
		return nil
	}
	return text[:len(text)-padding]
}

// decryptCBC decrypts all after the first block, which is the initialization vector.
func decryptCBC(block cipher.Block, sealed []byte) []byte {
	text := make([]byte, len(sealed)-aes.BlockSize)
	cipher.NewCBCDecrypter(block, sealed[:aes.BlockSize]).CryptBlocks(text, sealed[aes.BlockSize:])
	return text
}
