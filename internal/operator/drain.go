package operator

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// A replica that is asked to end goes on until its webhooks were not asked for the quiet time, at the latest until the longest
// time has passed. Then the manager stops what is under way. All of it fits in the Pod's grace period, behind its preStop hook.
const (
	drainQuiet      = time.Second
	drainLongest    = 10 * time.Second
	shutdownLongest = 10 * time.Second
)

var errEnding = errors.New("the replica is about to end")

// drain leads the API server away from a replica that is asked to end. The API server keeps its connections for as long as they
// hold, so that one leads to a replica long after that is no endpoint of the Service any more; ended under it, a decision that is
// on its way would be refused.
type drain struct {
	mu        sync.Mutex
	ending    bool
	answering int
	answered  time.Time
}

// handler counts what a webhook is asked. When the replica is about to end, each answer asks the client to take another
// connection for its next request; in HTTP/2 that is a GOAWAY, with which no request is lost.
func (d *drain) handler(webhook http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.begin() {
			w.Header().Set("Connection", "close")
		}
		defer d.done()
		webhook.ServeHTTP(w, r)
	})
}

func (d *drain) begin() (ending bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answering++
	return d.ending
}

func (d *drain) done() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answering--
	d.answered = time.Now()
}

// check says that the replica is not ready when it is about to end.
func (d *drain) check(*http.Request) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ending {
		return errEnding
	}
	return nil
}

// behind is a context that ends some time after another: when nobody asks the webhooks any more.
func (d *drain) behind(ctx context.Context) (context.Context, context.CancelFunc) {
	later, end := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		d.wait()
		end()
	})
	return later, end
}

func (d *drain) wait() {
	d.mu.Lock()
	d.ending, d.answered = true, time.Now()
	d.mu.Unlock()
	ticker := time.NewTicker(drainQuiet / 10)
	defer ticker.Stop()
	for longest := time.After(drainLongest); ; {
		select {
		case <-ticker.C:
			if d.quiet() {
				return
			}
		case <-longest:
			return
		}
	}
}

func (d *drain) quiet() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.answering == 0 && time.Since(d.answered) >= drainQuiet
}
