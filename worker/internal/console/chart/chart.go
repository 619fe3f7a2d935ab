package chart

import (
	"math"
	"strconv"
)

// Series is one value for each column.
type Series struct {
	Class  string // of its bars
	Values []int64
}

// Bar is a rectangle.
type Bar struct {
	Class      string
	X, Y, W, H string // in units of the drawing
}

// Chart is a drawing of stacked bars.
type Chart struct {
	Width, Height int
	Bars          []Bar
	Top           int64 // the value at the upper edge
}

// gap is the share of a column that stays empty.
const gap = 0.25

// New draws the series above each other, as high as the highest column needs. Without a
// value there is no bar. Values below zero count as zero.
func New(series []Series, width, height int) Chart {
	columns := 0
	for _, s := range series {
		columns = max(columns, len(s.Values))
	}
	c := Chart{Width: width, Height: height, Top: highest(series, columns)}
	if columns == 0 || c.Top == 0 {
		return c
	}
	step, unit := float64(width)/float64(columns), float64(height)/float64(c.Top)
	for column := range columns {
		y := float64(height)
		for _, s := range series {
			value := s.at(column)
			if value == 0 {
				continue
			}
			h := math.Max(float64(value)*unit, 1) // a single event is seen too
			y = math.Max(y-h, 0)
			c.Bars = append(c.Bars, Bar{s.Class, number(float64(column)*step + step*gap/2), number(y), number(step * (1 - gap)), number(h)})
		}
	}
	return c
}

func (s Series) at(column int) int64 {
	if column >= len(s.Values) {
		return 0
	}
	return max(s.Values[column], 0)
}

func highest(series []Series, columns int) int64 {
	var top int64
	for column := range columns {
		var sum int64
		for _, s := range series {
			sum += s.at(column)
		}
		top = max(top, sum)
	}
	return top
}

// number writes it with at most two digits after the point.
func number(f float64) string {
	return strconv.FormatFloat(math.Round(f*100)/100, 'f', -1, 64)
}
