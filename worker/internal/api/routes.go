package api

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
)

// Broker looks at queues. *amqpx.Consumer does.
type Broker interface {
	// Inspect returns the state of a queue.
	Inspect(ctx context.Context, queue string) (amqpx.QueueState, error)
}

// inspectTime bounds the questions to the broker for one answer of ours.
const inspectTime = 2 * time.Second

// ratedMinutes is over how many whole minutes rates are averaged.
const ratedMinutes = 5

// ListRoutes answers GET /routes: those of the configuration, and those that only have
// deliveries left.
func (s *Server) ListRoutes(c echo.Context) error {
	all, err := s.Routes(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, RouteList{Routes: all})
}

// GetRoute answers GET /routes/{name}.
func (s *Server) GetRoute(c echo.Context, name NameParameter) error {
	all, err := s.Routes(c.Request().Context())
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(r Route) bool { return r.Name == name })
	if at < 0 {
		return errNotFound
	}
	return c.JSON(http.StatusOK, all[at])
}

// Routes returns what ListRoutes answers.
func (s *Server) Routes(ctx context.Context) ([]Route, error) {
	all, err := s.counted(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.addRates(ctx, all); err != nil {
		return nil, err
	}
	if err := s.addDestinations(ctx, all); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	oldest, err := s.options.Store.Oldest(ctx, names)
	if err != nil {
		return nil, err
	}
	for name, route := range all {
		route.OldestWaitingAt = at(oldest[name])
	}
	s.addBacklogs(ctx, all)
	if err := s.addRouteHealth(ctx, all); err != nil {
		return nil, err
	}
	return sorted(all), nil
}

// counted returns the routes with the counts of their deliveries.
func (s *Server) counted(ctx context.Context) (map[string]*Route, error) {
	tallies, _, err := s.options.Store.Tallies(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]*Route{}
	for name, route := range s.options.Config().Routes {
		bindings := route.Bindings()
		all[name] = &Route{Name: name, Configured: true, Destination: given(route.To), Bindings: &bindings, Rules: rulesOf(route)}
	}
	for _, t := range tallies {
		if all[t.Route] == nil {
			all[t.Route] = &Route{Name: t.Route}
		}
		all[t.Route].Counts.add(t)
	}
	return all, nil
}

func rulesOf(r *config.Route) *RouteRules {
	rules := &RouteRules{
		Filter: given(r.Filter), Jq: given(r.Transform.JQ), Cel: given(r.Transform.CEL), Partitions: given(r.Partitions()),
	}
	if r.Ordering != nil {
		rules.OrderingKey = given(r.Ordering.Key)
	}
	return rules
}

// addRates adds what happened in the last whole minutes.
func (s *Server) addRates(ctx context.Context, all map[string]*Route) error {
	now := time.Now().Truncate(time.Minute)
	traffic, err := s.options.Store.Traffic(ctx, now.Add(-ratedMinutes*time.Minute))
	if err != nil {
		return err
	}
	for _, t := range traffic {
		r := all[t.Route]
		if r == nil || !t.Minute.Before(now) {
			continue
		}
		n := float64(t.Count) / ratedMinutes
		switch status.Kind(t.Kind) {
		case status.Delivered:
			r.Rates.Delivered += n
		case status.Retrying:
			r.Rates.Retrying += n
		case status.Dead:
			r.Rates.Dead += n
		case status.Filtered:
			r.Rates.Filtered += n
		default: // of no rate
		}
	}
	return nil
}

func (s *Server) addDestinations(ctx context.Context, all map[string]*Route) error {
	destinations, err := s.Destinations(ctx)
	if err != nil {
		return err
	}
	for i := range destinations {
		d := &destinations[i]
		for _, name := range d.Routes {
			if r := all[name]; r != nil {
				r.Paused, r.Breaker, r.Health = &d.Paused, d.Breaker, d.Health
			}
		}
	}
	return s.addPauses(ctx, all)
}

// addBacklogs asks the broker for all routes at once. What it does not answer in time is
// left out.
func (s *Server) addBacklogs(ctx context.Context, all map[string]*Route) {
	ctx, cancel := context.WithTimeout(ctx, inspectTime)
	defer cancel()
	var asking sync.WaitGroup
	for name, route := range all {
		if route.Configured {
			asking.Go(func() { route.Backlog = s.backlog(ctx, name) })
		}
	}
	asking.Wait()
}

func (s *Server) backlog(ctx context.Context, route string) *Backlog {
	work, err := s.options.Broker.Inspect(ctx, topology.RouteQueue(route))
	if err != nil {
		return nil
	}
	dead, err := s.options.Broker.Inspect(ctx, topology.DeadQueue(route))
	if err != nil {
		return nil
	}
	b := &Backlog{Ready: int64(work.Ready), Consumers: work.Consumers, Dead: int64(dead.Ready)}
	for _, queue := range s.besides(route) {
		if q, err := s.options.Broker.Inspect(ctx, queue); err == nil {
			b.Ready += int64(q.Ready)
		}
	}
	return b
}

// besides returns the queues that hold a route's work beside its own.
func (s *Server) besides(route string) (queues []string) {
	partitions := s.options.Config().Routes[route].Partitions()
	if partitions == 0 {
		return []string{topology.DeferredQueue(route)}
	}
	for i := range partitions {
		queues = append(queues, topology.PartitionQueue(route, i), topology.ParkedQueue(route, i))
	}
	return queues
}
