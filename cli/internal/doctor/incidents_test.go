package doctor_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/cli/internal/doctor"
	"github.com/penstock/penstock/pkg/trackerclient"
)

func TestOpenIncidentsAreReported(t *testing.T) {
	t.Parallel()
	const times = `"failures":1,"events":1,"waiting":0,"dead":1,"firstAt":"2026-01-01T00:00:00Z","lastAt":"2026-01-01T00:00:00Z","openedAt":"2026-01-01T00:00:00Z","samples":[]}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body := `{"name":"ops","scopes":["read"]}`
		if strings.HasSuffix(r.URL.Path, "/incidents") {
			body = `{"incidents":[` +
				`{"id":"1111","kind":"delivery-failing","severity":"critical","state":"open","title":"Deliveries fail","cause":"Look.","muted":false,` + times +
				`,{"id":"2222","kind":"delivery-failing","severity":"critical","state":"acknowledged","title":"Others fail","cause":"Look.","muted":false,` + times + `]}`
		}
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	client, err := trackerclient.Connect(server.URL, "", trackerclient.WithHTTPClient(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}))
	require.NoError(t, err)
	findings := found(t, &doctor.Installation{Tracker: client, TrackerURL: server.URL, TrackerNamed: true}, "tracker")
	last := findings[len(findings)-2:]
	require.Equal(t, []doctor.Status{doctor.Error, doctor.Warning}, statuses(last))
	require.Equal(t, "incident 1111, open: Deliveries fail", last[0].Text)
	require.Equal(t, "Look. penstock incidents show 1111", last[0].Remedy)
}
