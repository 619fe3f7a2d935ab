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
	var envelope struct {
		Encrypt string `json:"encrypt"`
	}
	if json.Unmarshal(r.Body, &envelope) != nil || envelope.Encrypt == "" {
		return r.Body
	}
	sealed, err := base64.StdEncoding.DecodeString(envelope.Encrypt)
	if err != nil || len(sealed) < 2*aes.BlockSize || len(sealed)%aes.BlockSize != 0 {
		return r.Body
	}
	for _, secret := range secrets {
		if text := decryptCBC(sealed, secret); json.Valid(text) {
			return text
		}
	}
	return r.Body
}

// decryptCBC takes off the padding of PKCS #7, or returns nil.
func decryptCBC(sealed []byte, secret string) []byte {
	key := sha256.Sum256([]byte(secret))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil // the key always has 32 bytes
	}
	text := make([]byte, len(sealed)-aes.BlockSize)
	cipher.NewCBCDecrypter(block, sealed[:aes.BlockSize]).CryptBlocks(text, sealed[aes.BlockSize:])
	padding := int(text[len(text)-1])
	if padding == 0 || padding > aes.BlockSize {
		return nil
	}
	return text[:len(text)-padding]
}
