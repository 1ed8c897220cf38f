package main

import (
	"testing"
	"time"

	"k8s.io/utils/clock"
)

// An operator that is built without a clock of its own has the machine's, as this test's program is.
func TestClockOf(t *testing.T) {
	if c, err := clockOf(clockAhead); c != (clock.RealClock{}) || err != nil {
		t.Errorf("unset: got %#v, %v", c, err)
	}
	if c, err := clockOf("a month"); err == nil {
		t.Errorf("no duration: got %v", c)
	}
	before := time.Now()
	c, err := clockOf("744h")
	if err != nil {
		t.Fatal(err)
	}
	if now := c.Now(); now.Before(before.Add(744*time.Hour)) || now.After(time.Now().Add(744*time.Hour)) {
		t.Errorf("744 hours after %v it shows %v", before, now)
	}
	if since := c.Since(before); since < 744*time.Hour {
		t.Errorf("the machine's now is %v ago by it", since)
	}
}
