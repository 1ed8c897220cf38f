// Command bench measures what Kitei costs, on a real control plane of this machine, and prints one table in Markdown.
// Whatever is compared is measured in one run, in turns, so that the ratios mean something on a machine that is busy
// otherwise; the absolute figures are that machine's at that time.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// part of the bench, with a control plane of its own.
type part struct {
	name string
	run  func(context.Context, *bench) error
}

var parts = []part{
	{"creates", measureCreates},
	{"lifting", measureLifting},
	{"rebuild", measureRebuild},
	{"scale", measureScale},
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	quick := flag.Bool("quick", false, "fewer rounds and smaller sizes: about five minutes")
	names := flag.String("parts", "creates,lifting,rebuild,scale", "what to measure")
	flag.Parse()
	log.SetLogger(logr.Discard()) // the clients have nothing to say
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b := &bench{sizes: fullSizes, started: time.Now(), progress: os.Stderr}
	if *quick {
		b.sizes = quickSizes
	}
	err := b.run(ctx, strings.Split(*names, ","))
	b.print(os.Stdout) // what there is, even if a part failed
	return err
}

// run measures the chosen parts, one after the other. One that fails does not keep the others from it.
func (b *bench) run(ctx context.Context, names []string) error {
	var errs []error
	for _, name := range names {
		at := slices.IndexFunc(parts, func(p part) bool { return p.name == name })
		if at < 0 {
			return fmt.Errorf("there is no part %q", name)
		}
		if err := b.alone(ctx, parts[at]); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			b.say("%s failed: %v", name, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}

// sizes of a run.
type sizes struct {
	// creates of each variant in a round, by one client; and rounds.
	creates, createRounds int
	// lifted Pods, each with its rounds.
	lifted, liftRounds []int
	// rebuilt namespaces, and rounds.
	rebuilt       []int
	rebuildRounds int
	// systems and namespaces, as many of both; Pods, of which one in a hundred is held.
	systems, pods int
	// idle is how long the operator is watched doing nothing.
	idle time.Duration
}

var (
	fullSizes = sizes{
		creates: 100, createRounds: 10,
		lifted: []int{3, 300, 3000}, liftRounds: []int{20, 6, 3},
		rebuilt: []int{10, 100, 1000}, rebuildRounds: 5,
		systems: 10_000, pods: 50_000, idle: 30 * time.Second,
	}
	quickSizes = sizes{
		creates: 60, createRounds: 6,
		lifted: []int{3, 300}, liftRounds: []int{8, 5},
		rebuilt: []int{10, 100}, rebuildRounds: 3,
		systems: 1_000, pods: 5_000, idle: 10 * time.Second,
	}
)
