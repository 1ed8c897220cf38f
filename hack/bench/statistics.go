package main

import (
	"slices"
	"time"
)

// spread is the middle of some figures, and the range of the middle half of them.
type spread struct{ low, middle, high float64 }

// spreadOf sums up figures, one a round.
func spreadOf(figures []float64) spread {
	sorted := slices.Sorted(slices.Values(figures))
	return spread{quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)}
}

// quantile of sorted figures, between neighbours by proportion.
func quantile(sorted []float64, at float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	position := at * float64(len(sorted)-1)
	below := int(position)
	if below == len(sorted)-1 {
		return sorted[below]
	}
	return sorted[below] + (position-float64(below))*(sorted[below+1]-sorted[below])
}

// median in milliseconds.
func median(times []time.Duration) float64 {
	figures := make([]float64, 0, len(times))
	for _, t := range times {
		figures = append(figures, milliseconds(t))
	}
	return spreadOf(figures).middle
}

func milliseconds(t time.Duration) float64 { return float64(t.Microseconds()) / 1000 }

// pairwise applies a function to the figures of the same round.
func pairwise(a, b []float64, of func(a, b float64) float64) []float64 {
	result := make([]float64, 0, len(a))
	for i := range a {
		result = append(result, of(a[i], b[i]))
	}
	return result
}

func difference(a, b float64) float64 { return a - b }

func ratio(a, b float64) float64 { return a / b }
