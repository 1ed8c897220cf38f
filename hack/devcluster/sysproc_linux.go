package devcluster

import "syscall"

// childAttributes keeps a child out of our process group, so that Ctrl-C in a
// terminal reaches us alone and we can stop the children in order, and has the
// kernel kill it when we die without a chance to do so.
//
// The kernel ties Pdeathsig to the thread that forked, not to the process: the
// caller must keep that thread (see startProcess).
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
