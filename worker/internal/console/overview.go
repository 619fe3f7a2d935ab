package console

import (
	"net/http"
	"time"

	"github.com/penstock/penstock/worker/internal/api"
	"github.com/penstock/penstock/worker/internal/console/chart"
)

// span is a stretch of time that the overview can show.
type span struct {
	Value  string // as in the page's address
	Text   string
	Length time.Duration
	Bucket time.Duration
}

// spans are the choices; the first one is the default.
var spans = []span{
	{"1h", "1 hour", time.Hour, time.Minute},
	{"6h", "6 hours", 6 * time.Hour, 10 * time.Minute},
	{"24h", "24 hours", 24 * time.Hour, 30 * time.Minute},
}

// overviewPage is how it stands.
type overviewPage struct {
	Span      span
	Spans     []span
	Totals    api.Totals
	Flow      flow
	Chart     chart.Chart
	Marks     []time.Time // the beginning, middle and end of the chart
	Routes    []routeRow
	Find      string // by which the routes were searched
	Empty     bool   // nothing was ever accepted
	HasSource bool
}

// flow is what happened in a stretch of time.
type flow struct {
	Accepted, Delivered, Failed, Dead int64
	AcceptedRate, DeliveredRate       float64 // a minute, over the last five whole ones
}

// Success is the share of attempts that delivered, in percent, or less than zero when
// there was none.
func (f flow) Success() float64 {
	if f.Delivered+f.Failed == 0 {
		return -1
	}
	return 100 * float64(f.Delivered) / float64(f.Delivered+f.Failed)
}

// failed is how many attempts of a point did not deliver.
func failed(p api.Point) int64 { return p.Attempted + p.Retrying + p.Dead }

func flowOf(points []api.Point) flow {
	var f flow
	for _, p := range points {
		f.Accepted += p.Accepted
		f.Delivered += p.Delivered
		f.Failed += failed(p)
		f.Dead += p.Dead
	}
	return f
}

// perMinute is the rates over the last five buckets of a minute that are over.
func perMinute(points []api.Point) (accepted, delivered float64) {
	const minutes = 5
	end := max(0, len(points)-1)
	f := flowOf(points[max(0, end-minutes):end])
	return float64(f.Accepted) / minutes, float64(f.Delivered) / minutes
}

// showOverview answers GET /.
func (c *Console) showOverview(w http.ResponseWriter, r *http.Request, v *visitor) error {
	ctx, s := r.Context(), spans[0]
	for _, other := range spans {
		if other.Value == r.URL.Query().Get("over") {
			s = other
		}
	}
	since := c.now().Add(-s.Length + s.Bucket).Truncate(s.Bucket)
	all, err := c.Operations.Overview(ctx, since, s.Bucket, api.GroupingNone)
	if err != nil {
		return err
	}
	recent, err := c.Operations.Overview(ctx, c.now().Add(-6*time.Minute).Truncate(time.Minute), time.Minute, api.GroupingNone)
	if err != nil {
		return err
	}
	routes, err := c.routeRows(ctx, since, s.Bucket)
	if err != nil {
		return err
	}
	find := r.URL.Query().Get("find")
	data := overviewPage{
		Span: s, Spans: spans, Totals: all.Totals, Routes: search(routes, find), Find: find, Empty: all.Totals.Accepted == 0, HasSource: len(c.Config().Sources) > 0,
	}
	points := one(all)
	data.Flow = flowOf(points)
	data.Flow.AcceptedRate, data.Flow.DeliveredRate = perMinute(one(recent))
	data.Chart = draw(points, 1000, 150)
	data.Marks = []time.Time{since, since.Add(s.Length / 2), since.Add(s.Length)}
	return c.render(w, r, v, rendering{page: "overview", title: "Overview", place: "overview", data: data})
}

// one returns the points of the only series.
func one(o api.Overview) []api.Point {
	if len(o.Series) == 0 {
		return nil
	}
	return o.Series[0].Points
}

// draw stacks what was delivered and what failed.
func draw(points []api.Point, width, height int) chart.Chart {
	delivered, failures := make([]int64, len(points)), make([]int64, len(points))
	for i, p := range points {
		delivered[i], failures[i] = p.Delivered, failed(p)
	}
	return chart.New([]chart.Series{{Class: "delivered", Values: delivered}, {Class: "failed", Values: failures}}, width, height)
}
