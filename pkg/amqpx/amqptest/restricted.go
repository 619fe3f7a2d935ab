package amqptest

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// Restricted makes a user with the three permissions that RabbitMQ knows: patterns of
// the names that the user may configure, write to and read from. It returns the URL
// with which that user logs in.
func (v *Vhost) Restricted(tb testing.TB, configure, write, read string) string {
	tb.Helper()
	name, password := "user-"+uuid.NewString(), uuid.NewString()
	v.addUser(tb, name, map[string]string{"password": password, "tags": ""}, configure)
	v.management.do(tb, http.MethodPut, "/api/permissions/"+v.Name+"/"+name,
		map[string]string{"configure": configure, "write": write, "read": read}, nil)
	u, err := url.Parse(v.URL)
	require.NoError(tb, err)
	u.User = url.UserPassword(name, password)
	return u.String()
}
