package app

import (
	"context"

	"github.com/penstock/penstock/gateway/internal/ingest"
	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/pkg/observe"
)

// measure makes the metrics of requests and of the broker.
func (a *App) measure(publisher *amqpx.Publisher) (err error) {
	a.limits = ingest.Limits{
		Requests: ingest.NewBudget(a.settings.MaxInFlight),
		Bytes:    ingest.NewBudget(a.settings.maxInFlightBytes()),
	}
	if a.metrics, err = ingest.NewMetrics(a.tel.Meter, a.limits); err != nil {
		return err
	}
	if a.reloads, err = observe.NewReloads(a.tel.Meter); err != nil {
		return err
	}
	maker := instrument.From(a.tel.Meter)
	observe.Links(maker, observe.Uses{Publish: publisher.Links})
	observe.Refused(maker, func() map[string]error { return a.gate.stands().ByRoute() })
	a.gate.durations = observe.NewDurations(maker)
	a.gate.messages = observe.NewPublisher(publisher, a.gate.durations)
	return maker.Err()
}

// measureCertificate shows when the certificate that senders see expires.
func (a *App) measureCertificate() error {
	maker := instrument.From(a.tel.Meter)
	maker.Observe("penstock.tls.certificate.expiry.timestamp", func(_ context.Context, observe instrument.Observation) {
		if at := a.http.CertificateExpiry(); !at.IsZero() {
			observe(float64(at.Unix()))
		}
	})
	return maker.Err()
}
