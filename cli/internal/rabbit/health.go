package rabbit

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Date returns what the interface says the time is, to the second. It is zero when it
// does not say.
func (m *Management) Date(ctx context.Context) (time.Time, error) {
	header, err := m.ask(ctx, "/api/whoami", nil)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask for the time: %w", err)
	}
	at, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return time.Time{}, nil //nolint:nilerr // it does not say
	}
	return at, nil
}

// Alarms returns, in words, what each node lacks, for which nobody may publish. The
// user needs the tag monitoring.
func (m *Management) Alarms(ctx context.Context) ([]string, error) {
	var nodes []struct {
		Name   string `json:"name"`
		Memory bool   `json:"mem_alarm"`
		Disk   bool   `json:"disk_free_alarm"`
	}
	if err := m.get(ctx, "/api/nodes", &nodes); err != nil {
		return nil, fmt.Errorf("ask for alarms: %w", err)
	}
	var alarms []string
	for _, n := range nodes {
		if n.Memory {
			alarms = append(alarms, n.Name+" is short of memory")
		}
		if n.Disk {
			alarms = append(alarms, n.Name+" is short of disk")
		}
	}
	return alarms, nil
}
