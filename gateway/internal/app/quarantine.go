package app

import (
	"github.com/penstock/penstock/gateway/internal/quarantine"
)

// startQuarantine starts what writes to the quarantine. It costs nothing while no
// source wants one.
func (a *App) startQuarantine() (*quarantine.Quarantine, error) {
	q, err := quarantine.New(quarantine.Options{Publisher: other{a.gate}, Meter: a.tel.Meter, Log: a.log})
	if err != nil {
		return nil, err
	}
	a.started.MustPush("quarantine", q.Close)
	return q, nil
}
