package app

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/admin"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/observe"
	"github.com/penstock/penstock/pkg/settings"
	"github.com/penstock/penstock/pkg/telemetry"
)

// closeTime is what stopping takes at most, after running work has had the shutdown
// timeout to finish.
const closeTime = 5 * time.Second

// service is what the deliverer and the tracker have in common: how they tell how they
// are, and how they stop.
type service struct {
	process settings.Process
	log     *zap.Logger
	started lifecycle.Stack
	tel     *telemetry.Telemetry
	admin   *admin.Server
}

// startTelemetry is the first step: what starts later is measured.
func (s *service) startTelemetry(ctx context.Context, name string) (err error) {
	if s.tel, err = telemetry.Start(ctx, name); err != nil {
		return fmt.Errorf("start telemetry: %w", err)
	}
	s.started.MustPush("telemetry", s.tel.Close)
	return nil
}

// startAdmin listens at an address of its own when the settings name none.
func (s *service) startAdmin(ctx context.Context, listen string, checks []admin.Check) (err error) {
	s.admin, err = admin.Start(ctx, admin.Options{
		Listen: cmp.Or(s.process.AdminListen, listen), Metrics: s.tel.Metrics, PProf: s.process.PProf, Checks: checks,
	})
	if err != nil {
		return err
	}
	s.started.MustPush("admin listener", s.admin.Close)
	return observe.Readiness(s.tel.Meter, s.admin.Ready)
}

// AdminAddr returns the address of the admin listener.
func (s *service) AdminAddr() net.Addr { return s.admin.Addr() }

// serve waits until ctx is done, and then stops everything.
func (s *service) serve(ctx context.Context) error {
	<-ctx.Done()
	s.log.Info("stopping")
	s.admin.Drain()
	err := s.stop(ctx)
	s.log.Info("stopped")
	return err
}

// abandon stops what has started before something could not.
func (s *service) abandon(ctx context.Context) {
	if err := s.stop(ctx); err != nil {
		s.log.Warn("stop after a failed start", zap.Error(err))
	}
}

// stop does so although ctx is done.
func (s *service) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.process.ShutdownTimeout+closeTime)
	defer cancel()
	return s.started.Close(ctx)
}
