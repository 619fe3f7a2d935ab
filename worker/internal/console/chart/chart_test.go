package chart_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/penstock/penstock/worker/internal/console/chart"
)

func TestBarsStandOnTopOfEachOther(t *testing.T) {
	t.Parallel()
	c := chart.New([]chart.Series{{"good", []int64{2, 0, 4}}, {"bad", []int64{2, 1}}}, 300, 100)
	require.Equal(t, int64(4), c.Top)
	require.Equal(t, []chart.Bar{
		{"good", "12.5", "50", "75", "50"}, {"bad", "12.5", "0", "75", "50"},
		{"bad", "112.5", "75", "75", "25"}, {"good", "212.5", "0", "75", "100"},
	}, c.Bars)
}

func TestNothingHasNoBars(t *testing.T) {
	t.Parallel()
	require.Empty(t, chart.New(nil, 100, 100).Bars)
	require.Empty(t, chart.New([]chart.Series{{"good", []int64{0, 0}}}, 100, 100).Bars)
	require.Empty(t, chart.New([]chart.Series{{"good", []int64{-1}}}, 100, 100).Bars)
}

func TestEveryBarIsWithinTheDrawing(t *testing.T) {
	t.Parallel()
	values := rapid.SliceOfN(rapid.Int64Range(-5, 1_000_000), 0, 40)
	rapid.Check(t, func(t *rapid.T) {
		c := chart.New([]chart.Series{{"a", values.Draw(t, "a")}, {"b", values.Draw(t, "b")}}, 200, 50)
		for _, bar := range c.Bars {
			x, y, w, h := number(t, bar.X), number(t, bar.Y), number(t, bar.W), number(t, bar.H)
			require.GreaterOrEqual(t, x, 0.0)
			require.GreaterOrEqual(t, y, 0.0)
			require.Positive(t, w)
			require.GreaterOrEqual(t, h, 1.0)
			require.LessOrEqual(t, x+w, 200.01)
			require.LessOrEqual(t, y+h, 51.0)
		}
	})
}

func number(t require.TestingT, text string) float64 {
	f, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return f
}
