package telemetry_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/telemetry"
)

func TestTheLoggerWritesJSONAtItsLevel(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger, err := telemetry.Logger(&out, "info", "json")
	require.NoError(t, err)
	logger.Debug("unseen")
	logger.Info("seen")

	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line), out.String())
	require.Equal(t, "seen", line["msg"])
	require.Contains(t, line, "time")
}

func TestAWrongLevelOrFormatSaysWhatToUse(t *testing.T) {
	t.Parallel()
	_, err := telemetry.Logger(nil, "loud", "json")
	require.ErrorContains(t, err, "use debug, info, warn or error")
	_, err = telemetry.Logger(nil, "info", "xml")
	require.ErrorContains(t, err, "use json or console")
}

func TestAFloodOfTheSameLineIsThinnedOutAndOthersAreNot(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger, err := telemetry.Logger(&out, "debug", "json")
	require.NoError(t, err)
	const flood = 20_000
	for range flood {
		logger.Debug("again and again")
	}
	logger.Debug("another")
	require.Less(t, strings.Count(out.String(), "again and again"), flood/10)
	require.Equal(t, 1, strings.Count(out.String(), "another"))
}
