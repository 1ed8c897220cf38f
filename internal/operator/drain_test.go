package operator

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// A replica that is asked to end is not ready any more at once, sends its clients elsewhere, and ends when nobody has asked it
// for a while: not while it answers.
func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, ask := context.WithCancel(t.Context())
		d := &drain{}
		later, end := d.behind(asked)
		defer end()
		hook := d.handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-time.After(3 * time.Second) }))
		answer := func() string {
			recorder := httptest.NewRecorder()
			hook.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil))
			return recorder.Header().Get("Connection")
		}
		if got := answer(); got != "" || d.check(nil) != nil {
			t.Errorf("before: Connection is %q, readiness %v", got, d.check(nil))
		}

		ask()
		synctest.Wait()
		if d.check(nil) == nil {
			t.Error("it is ready, though it is about to end")
		}
		if got := answer(); got != "close" {
			t.Errorf("Connection is %q", got)
		}
		if later.Err() != nil {
			t.Error("it ended while it answered")
		}
		<-time.After(drainQuiet + drainQuiet/5)
		if later.Err() == nil {
			t.Error("it goes on though nobody asks")
		}
	})
}

// A replica that is asked without end ends all the same, within its Pod's grace period.
func TestDrainEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, ask := context.WithCancel(t.Context())
		d := &drain{}
		later, end := d.behind(asked)
		defer end()
		d.begin()
		ask()
		<-time.After(drainLongest - time.Second)
		if later.Err() != nil {
			t.Error("it ended while it answered")
		}
		<-time.After(2 * time.Second)
		if later.Err() == nil {
			t.Error("it goes on")
		}
	})
}
