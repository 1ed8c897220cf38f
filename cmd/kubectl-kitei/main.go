// kubectl-kitei is the kubectl plugin of Kitei: it decides applications, and says why something does not run and what would.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // the ways that a kubeconfig may name to authenticate
	"k8s.io/klog/v2"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"kitei.dev/kitei/internal/plugin"
)

func main() {
	os.Exit(run())
}

func run() int {
	// The libraries log what they also return as errors, which the plugin says in the reader's language.
	klog.SetLogger(logr.Discard())
	ctrllog.SetLogger(logr.Discard())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	return plugin.Run(ctx, streams, os.Args[1:])
}
