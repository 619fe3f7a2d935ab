package amqpx_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
)

func TestAnInvalidConfigNamesEveryProblemAndNoPassword(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cfg  amqpx.Config
		want []string
	}{
		"nothing":             {amqpx.Config{}, []string{"no AMQP URL"}},
		"a wrong scheme":      {amqpx.Config{URLs: []string{"http://u:secret@host/"}}, []string{"URL 1", "scheme"}},
		"no host":             {amqpx.Config{URLs: []string{"amqp:///vhost"}}, []string{"no host"}},
		"a bad escape":        {amqpx.Config{URLs: []string{"amqp://u:secret%zz@host/"}}, []string{"not a URL"}},
		"a bad port":          {amqpx.Config{URLs: []string{"amqp://u:secret@host:port/"}}, []string{"not a URL"}},
		"an unknown query":    {amqpx.Config{URLs: []string{"amqp://h/?heartbeat=3"}}, []string{"heartbeat"}},
		"a question mark":     {amqpx.Config{URLs: []string{"amqp://u:0?secret@h/"}}, []string{"%3F"}},
		"another mechanism":   {amqpx.Config{URLs: []string{"amqp://h/?auth_mechanism=secret"}}, []string{"auth_mechanism"}},
		"several at once":     {amqpx.Config{URLs: []string{"amqp://ok/", "x://u:secret@h"}, KeyFile: "key"}, []string{"URL 2", "certificate and its key"}},
		"TLS files for plain": {amqpx.Config{URLs: []string{"amqp://h/"}, CAFile: "ca"}, []string{"no AMQP URL is amqps"}},
		"a short heartbeat":   {amqpx.Config{URLs: []string{"amqp://h/"}, Heartbeat: time.Millisecond}, []string{"heartbeat"}},
		"a negative timeout":  {amqpx.Config{URLs: []string{"amqp://h/"}, DialTimeout: -1}, []string{"negative"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.cfg.Validate()
			for _, part := range tt.want {
				require.ErrorContains(t, err, part)
			}
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

func TestAValidConfigIsAccepted(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]amqpx.Config{
		"plain":      {URLs: []string{"amqp://user:p%40ss@host:5672/vhost", "amqp://[::1]"}},
		"mutual TLS": {URLs: []string{"amqps://host/"}, CAFile: "ca", CertFile: "cert", KeyFile: "key"},
		"external":   {URLs: []string{"amqps://host/?auth_mechanism=external"}, CertFile: "cert", KeyFile: "key"},
	} {
		require.NoError(t, cfg.Validate(), name)
	}
}

func FuzzConfigNeverPrintsAURL(f *testing.F) {
	f.Add("@host/")
	f.Add("%@host/?x=y")
	f.Add(":0?verysecret")
	f.Fuzz(func(t *testing.T, raw string) {
		err := amqpx.Config{URLs: []string{"amqp://guest:verysecret" + raw}}.Validate()
		if err != nil {
			require.NotContains(t, err.Error(), "verysecret")
		}
	})
}
