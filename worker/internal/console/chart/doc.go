// Package chart draws small bar charts as SVG (https://www.w3.org/TR/SVG2/): it computes
// where each bar stands, and a template writes it out.
//
//	bars := chart.New([]chart.Series{{Class: "delivered", Values: delivered}, …}, 600, 120)
//
// Bars of one column stand on top of each other. There is no style in it but class
// names, so that the page's policy and its theme hold for charts too.
package chart
