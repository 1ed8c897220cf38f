package main

import (
	"testing"
	"time"
)

func TestParseDays(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "31": 31, "65535": 65535} {
		if got, err := parseDays(text); err != nil || got != want {
			t.Errorf("%q: got %d, %v", text, got, err)
		}
		if ahead := time.Duration(want) * 24 * time.Hour; ahead < 0 {
			t.Errorf("%q: no duration holds it", text)
		}
	}
	for _, text := range []string{"", "-1", "1.5", "a month", "65536", "31 days"} {
		if got, err := parseDays(text); err == nil {
			t.Errorf("%q: got %d", text, got)
		}
	}
}
