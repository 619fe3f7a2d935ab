package config_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"text/template"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/penstock/penstock/pkg/config"
)

const theSecret = "s3cr3t-value"

// holder has a Secret in every kind of place.
type holder struct {
	Plain   config.Secret
	Pointer *config.Secret
	List    []config.Secret
	Map     map[string]config.Secret
	Any     any
	hidden  config.Secret
}

func newHolder() holder {
	s := config.NewSecret(theSecret)
	return holder{s, &s, []config.Secret{s}, map[string]config.Secret{"a": s}, s, s}
}

func TestSecretIsNeverPrintedByFmt(t *testing.T) {
	t.Parallel()
	h := newHolder()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%w", "%10.3v", "%-5s", "%c", "%U"} {
		for _, v := range []any{h, &h, h.hidden, &h.hidden, h.List, h.Map, []any{h}, map[config.Size]holder{1: h}} {
			requireHidden(t, fmt.Sprintf(verb, v))
		}
	}
	require.Equal(t, "[redacted]", fmt.Sprint(h.Plain))
	require.Equal(t, "[redacted]", h.Plain.String())
	requireHidden(t, fmt.Errorf("for %v: %w", h.Plain, fmt.Errorf("in %+v", h)).Error())
}

func requireHidden(t *testing.T, out string) {
	t.Helper()
	for _, shape := range []string{theSecret, fmt.Sprintf("%x", theSecret), fmt.Sprintf("%X", theSecret), fmt.Sprintf("%d", []byte(theSecret))} {
		require.NotContains(t, out, shape)
	}
}

func TestSecretIsNeverEncoded(t *testing.T) {
	t.Parallel()
	h := newHolder()
	for name, encode := range map[string]func() ([]byte, error){
		"json":          func() ([]byte, error) { return json.Marshal([]any{h}) },
		"yaml":          func() ([]byte, error) { return yaml.Marshal(h) },
		"xml":           func() ([]byte, error) { return xml.Marshal(h.List) },
		"text template": func() ([]byte, error) { return render(`{{.}} {{.Plain}} {{printf "%v" .Plain}} {{.Map.a}}`, h) },
		"slog text": func() ([]byte, error) {
			return logSlog(func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) }, h)
		},
		"slog json": func() ([]byte, error) {
			return logSlog(func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) }, h)
		},
		"zap json":    func() ([]byte, error) { return logZap(zapcore.NewJSONEncoder(zapcore.EncoderConfig{}), h) },
		"zap console": func() ([]byte, error) { return logZap(zapcore.NewConsoleEncoder(zapcore.EncoderConfig{}), h) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := encode()
			require.NoError(t, err)
			requireHidden(t, string(out))
			require.Contains(t, string(out), "[redacted]")
		})
	}
}

func TestSecretCannotBeSentByGob(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.Error(t, gob.NewEncoder(&out).Encode(newHolder().List))
	requireHidden(t, out.String())
}

func render(text string, v any) ([]byte, error) {
	var out bytes.Buffer
	err := template.Must(template.New("").Parse(text)).Execute(&out, v)
	return out.Bytes(), err
}

func logSlog(handler func(*bytes.Buffer) slog.Handler, h holder) ([]byte, error) {
	var out bytes.Buffer
	slog.New(handler(&out)).Error("m", "one", h.Plain, "pointer", h.Pointer, "all", h, "list", h.List)
	return out.Bytes(), nil
}

func logZap(encoder zapcore.Encoder, h holder) ([]byte, error) {
	var out bytes.Buffer
	log := zap.New(zapcore.NewCore(encoder, zapcore.AddSync(&out), zap.DebugLevel))
	log.Error("m", zap.Any("one", h.Plain), zap.Any("pointer", h.Pointer), zap.Any("all", h), zap.Reflect("reflected", h),
		zap.Stringer("stringer", h.Plain), zap.Any("list", h.List), zap.Stringers("stringers", h.List), zap.Any("map", h.Map))
	log.Sugar().Errorw(fmt.Sprint(h), "key", h.Plain, "all", &h)
	return out.Bytes(), nil
}

func TestSecretGivesItsValueOnRequest(t *testing.T) {
	t.Parallel()
	require.Equal(t, theSecret, config.NewSecret(theSecret).Reveal())
	require.Empty(t, config.Secret{}.Reveal())
	require.Equal(t, []string{"a", ""}, config.RevealAll([]config.Secret{config.NewSecret("a"), {}}))
	require.True(t, reflect.DeepEqual(config.NewSecret("a"), config.NewSecret(strings.ToLower("A"))))
	require.False(t, reflect.DeepEqual(config.NewSecret("a"), config.NewSecret("b")))
}
