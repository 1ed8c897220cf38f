package main

import (
	"fmt"
	"io"
	"runtime"
	"time"
)

// row of the table: one comparison.
type row struct {
	what string
	// ratio of what is measured to what it is compared with. Without a low and a high it comes from one measurement or from
	// medians; without a middle the row has figures only.
	ratio spread
	// figures in absolute terms, measured to compared.
	figures string
	goal    string
	met     string
}

func judged(met bool) string {
	if met {
		return "met"
	}
	return "**missed**"
}

// print writes the table.
func (b *bench) print(out io.Writer) {
	fmt.Fprintf(out, "%d processors, %s/%s, %s; measured in %.0f minutes.\n\n", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH,
		runtime.Version(), time.Since(b.started).Minutes())
	fmt.Fprintln(out, "| Measured | Ratio (middle half of the rounds) | Absolute, on that machine then | Goal | |")
	fmt.Fprintln(out, "|---|---|---|---|---|")
	for _, r := range b.rows {
		text := ""
		switch {
		case r.ratio.high > 0:
			text = fmt.Sprintf("%.2f (%.2f–%.2f)", r.ratio.middle, r.ratio.low, r.ratio.high)
		case r.ratio.middle != 0:
			text = fmt.Sprintf("%.2f", r.ratio.middle)
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s |\n", r.what, text, r.figures, r.goal, r.met)
	}
}
