package console //nolint:testpackage // a person is made of a token only

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNobodyChoosesTheNameInTheAudit(t *testing.T) {
	t.Parallel()
	for claims, want := range map[string]string{
		`{"sub":"u1","email":"anna@example.com","email_verified":true}`:                               "anna@example.com",
		`{"sub":"u1","email":"anna@example.com","email_verified":false}`:                              "u1",
		`{"sub":"u1","preferred_username":"anna@example.com"}`:                                        "u1",
		`{"sub":"u1","preferred_username":"admin","email":"anna@example.com","email_verified":false}`: "u1",
	} {
		var p person
		require.NoError(t, json.Unmarshal([]byte(claims), &p))
		require.Equal(t, want, p.Name(), claims)
	}
}
