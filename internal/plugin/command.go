// Package plugin is the kubectl plugin: it decides applications, says why something does not run, and whether a manifest
// would run. It judges with the same pure packages as the operator, and leaves who may do what to the API server.
package plugin

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/ledger"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/register"
)

// fieldManager of what the plugin writes.
const fieldManager = "kubectl-kitei"

// Rate limits of our client: a reader's few requests should not wait for each other.
const (
	clientQPS   = 50
	clientBurst = 300
)

// options are what every command shares.
type options struct {
	genericiooptions.IOStreams
	config *genericclioptions.ConfigFlags
	lang   string
	now    func() time.Time
}

// NewCommand is the command "kubectl kitei" with all its subcommands. What its run returns is for [ExitCode].
func NewCommand(streams genericiooptions.IOStreams) *cobra.Command {
	return newCommand(newOptions(streams))
}

// NewCommandFor is the same for a given way to reach the API server, in place of a kubeconfig. Of the flags that choose a
// cluster or a user only --as and its like count.
func NewCommandFor(streams genericiooptions.IOStreams, config *rest.Config) *cobra.Command {
	o := newOptions(streams)
	host := config.Host
	o.config.APIServer = &host
	o.config.WrapConfigFn = func(flags *rest.Config) *rest.Config {
		given := rest.CopyConfig(config)
		if flags.Impersonate.UserName != "" {
			given.Impersonate = flags.Impersonate
		}
		return given
	}
	return newCommand(o)
}

func newOptions(streams genericiooptions.IOStreams) *options {
	return &options{
		IOStreams: streams,
		config:    genericclioptions.NewConfigFlags(true).WithDiscoveryBurst(clientBurst).WithDiscoveryQPS(clientQPS),
		now:       time.Now,
	}
}

func newCommand(o *options) *cobra.Command {
	root := &cobra.Command{
		Use:           "kubectl-kitei",
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl kitei"},
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(o.In)
	root.SetOut(o.Out)
	root.SetErr(o.ErrOut)
	o.config.AddFlags(root.PersistentFlags())
	root.PersistentFlags().StringVar(&o.lang, "lang", "", "")
	for _, decision := range decisions {
		root.AddCommand(newDecideCommand(o, applications, decision))
	}
	root.AddCommand(newNewCommand(o), newSubmitCommand(o), newPendingCommand(o), newReviewCommand(o), newHistoryCommand(o),
		newConsentCommand(o), newMeetingCommand(o), newWhyCommand(o), newCheckCommand(o), newVerifyCommand(o),
		newVersionCommand(o))
	o.localise(root)
	return root
}

// Run runs the plugin and returns its exit code.
func Run(ctx context.Context, streams genericiooptions.IOStreams, args []string) int {
	o := newOptions(streams)
	command := newCommand(o) //nolint:contextcheck // the commands take the context from cobra
	command.SetArgs(args)
	err := command.ExecuteContext(ctx)
	for i, line := range errorLines(err) {
		if i == 0 {
			line = o.reader().Say(message.PluginError, line)
		}
		fmt.Fprintln(streams.ErrOut, message.OneLine(line))
	}
	return ExitCode(err)
}

// refuseOthers makes a command an error that is none of those below the given one, where cobra prints the help and is content: a
// decision whose command was misspelt was not made. Alone it prints its help.
func (o *options) refuseOthers(command *cobra.Command) {
	refuse := func(asked string) error {
		p, err := o.printer()
		if err != nil {
			return err
		}
		var names []string
		for _, child := range command.Commands() {
			names = append(names, child.Name())
		}
		return usage(p.Say(message.PluginNoCommand, command.CommandPath(), asked, strings.Join(names, ", ")))
	}
	command.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return command.Help()
		}
		return refuse(args[0])
	}
	command.SetFlagErrorFunc(func(at *cobra.Command, err error) error {
		if at == command && command.Flags().NArg() > 0 { // the flag would be known to the command that was meant
			return refuse(command.Flags().Arg(0))
		}
		return err
	})
}

// printer writes in the language that the reader chose; it fails on one that there is none for.
func (o *options) printer() (message.Printer, error) {
	switch v1alpha1.Language(o.lang) {
	case "", v1alpha1.LanguageJapanese, v1alpha1.LanguageEnglish:
		return o.reader(), nil
	}
	return o.reader(), usage(o.reader().Say(message.PluginBadFlag, o.lang, "--lang", "ja, en"))
}

// reader writes in the language that the reader chose, or else in that of the locale.
func (o *options) reader() message.Printer {
	switch language := v1alpha1.Language(o.lang); language {
	case v1alpha1.LanguageJapanese, v1alpha1.LanguageEnglish:
		return message.In(language)
	}
	return message.In(message.FromLocale(locale()))
}

// locale of messages, as POSIX says where to look for it.
func locale() string {
	for _, variable := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(variable); value != "" {
			return value
		}
	}
	return ""
}

// connection is how a command reaches the API server.
type connection struct {
	client.Client
	// mapper of kinds and resources.
	mapper meta.RESTMapper
	// namespace that the reader works in.
	namespace string
	// explicit says that the reader named the namespace by a flag.
	explicit bool
	// warnings of the API server since they were last taken.
	warnings *warnings
	// now is the moment for which this command judges.
	now time.Time
}

// source takes those stamps for Kitei's that bear a seal of the key which the Regulation's status names; every stamp where it
// names none. What the plugin says lets nothing run.
func (c *connection) source(ctx context.Context) register.Source {
	var current v1alpha1.Regulation
	if err := c.Get(ctx, client.ObjectKey{Name: v1alpha1.RegulationName}, &current); err == nil && current.Status.Ledger != nil {
		if key, err := ledger.ParsePublic([]byte(current.Status.Ledger.PublicKey)); err == nil {
			return register.Live(key)
		}
	}
	return register.Live(register.Unchecked{})
}

func (o *options) connect() (*connection, error) {
	c := &connection{warnings: &warnings{}, now: o.now()}
	var err error
	if c.namespace, c.explicit, err = o.config.ToRawKubeConfigLoader().Namespace(); err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	config, err := o.config.ToRESTConfig()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	config = rest.CopyConfig(config)
	config.WarningHandlerWithContext = c.warnings
	config.QPS, config.Burst = clientQPS, clientBurst
	if c.mapper, err = o.config.ToRESTMapper(); err != nil {
		return nil, fmt.Errorf("ask the API server for its kinds: %w", err)
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("build the scheme: %w", err)
		}
	}
	if c.Client, err = client.New(config, client.Options{Scheme: scheme, Mapper: c.mapper}); err != nil {
		return nil, fmt.Errorf("make a client: %w", err)
	}
	return c, nil
}

// warnings collects the warnings that the API server sends with its answers.
type warnings struct {
	mu    sync.Mutex
	texts []string
}

// HandleWarningHeaderWithContext implements [rest.WarningHandlerWithContext].
func (w *warnings) HandleWarningHeaderWithContext(_ context.Context, code int, _, text string) {
	const miscellaneous = 299
	if code != miscellaneous || text == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = append(w.texts, text)
}

// take returns the warnings so far, and forgets them.
func (w *warnings) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	texts := w.texts
	w.texts = nil
	return texts
}

// tell writes the warnings so far for a person.
func (w *warnings) tell(out io.Writer, p message.Printer) {
	for _, text := range w.take() {
		fmt.Fprintln(out, p.Say(message.PluginWarning, text))
	}
}
