//go:build unix && !linux

package devcluster

import "syscall"

// childAttributes keeps a child out of our process group, so that Ctrl-C in a
// terminal reaches us alone. Outside Linux nothing kills the children when we
// are killed ourselves.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
