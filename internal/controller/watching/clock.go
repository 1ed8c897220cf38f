package watching

import (
	"context"
	"time"

	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// The clock is looked at every so often, and was moved when it went by so much more or less than the time that passed.
const (
	clockPeriod    = 5 * time.Second
	clockTolerance = time.Second
)

// ClockMoved is a source that asks for everything anew when the clock was moved: by somebody who set it right, or while the
// machine slept. The timers of [Until] know nothing of that, because they run on the monotonic clock: what is to end tomorrow
// would end a day after the clock was put forward, and what ended would not begin again when it is put back.
func ClockMoved(wall clock.PassiveClock, all func(context.Context, client.Object) []ctrl.Request) source.Source {
	return source.Func(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[ctrl.Request]) error {
		go func() {
			ticker := clock.RealClock{}.NewTicker(clockPeriod)
			defer ticker.Stop()
			moved := movement(wall)
			for {
				select {
				case <-ctx.Done():
					return
				case <-ticker.C():
				}
				if moved().Abs() < clockTolerance {
					continue
				}
				moved = movement(wall)
				for _, request := range all(ctx, nil) {
					queue.Add(request)
				}
			}
		}()
		return nil
	})
}

// movement is a function that says by how much the clock on the wall has been moved since.
func movement(wall clock.PassiveClock) func() time.Duration {
	// Without its monotonic reading a time is that of the clock on the wall.
	machine := clock.RealClock{}
	shown, passed := wall.Now().Round(0), machine.Now()
	return func() time.Duration {
		return wall.Now().Round(0).Sub(shown) - machine.Since(passed)
	}
}
