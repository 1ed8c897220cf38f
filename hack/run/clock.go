package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"kitei.dev/kitei/hack/kitei"
)

// daysAhead is the file, in the stage's folder, into which the reader writes how many days ahead the operator's clock is to be.
const daysAhead = "days-ahead"

// moveClock restarts the operator with another clock when the reader wrote so: nobody waits a month to see an approval lapse. An
// operator's clock is built in, because that of a release cannot be moved.
func (s *stage) moveClock(ctx context.Context) error {
	content, err := os.ReadFile(filepath.Join(s.dir, daysAhead))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read how many days the clock is ahead: %w", err)
	}
	written := strings.TrimSpace(string(content))
	if written == "" || written == s.daysAhead { // empty while a shell is writing it
		return nil
	}
	s.daysAhead = written
	days, err := parseDays(written)
	if err != nil {
		s.say("%s: %v; the operator keeps its clock", daysAhead, err)
		return nil
	}
	s.say("restarting the operator with its clock %d days ahead", days)
	manager := s.manager
	if days > 0 {
		manager = filepath.Join(s.dir, fmt.Sprintf("manager-%d-days-ahead", days))
		if err := kitei.BuildAs(ctx, s.root, "manager", manager, "-ldflags", fmt.Sprintf("-X main.clockAhead=%dh", days*24)); err != nil {
			return err
		}
	}
	s.operator.Stop(5 * time.Second)
	if err := s.runOperator(ctx, manager); err != nil {
		return err
	}
	s.say("the operator is ready")
	return nil
}

// parseDays reads a whole number of days, of no more than there is a duration for.
func parseDays(text string) (int, error) {
	days, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%q is no whole number of days from 0 to 65535", text)
	}
	return int(days), nil
}
