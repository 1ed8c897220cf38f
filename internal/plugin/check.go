package plugin

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/resource"

	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
)

func newCheckCommand(o *options) *cobra.Command {
	var output, kustomize string
	var filenames []string
	var recursive bool
	flags := genericclioptions.FileNameFlags{Filenames: &filenames, Kustomize: &kustomize, Recursive: &recursive}
	command := &cobra.Command{
		Use:     "check -f FILE|DIR|-",
		Example: "  kubectl kitei check -f deployment.yaml\n  kubectl kitei check -k overlays/production -o json\n  helm template tax | kubectl kitei check -n tax -f -",
		Args: func(command *cobra.Command, args []string) error {
			return failed(cobra.NoArgs(command, args))
		},
		RunE: func(command *cobra.Command, _ []string) error {
			return failed(o.check(command.Context(), flags.ToOptions(), output))
		},
	}
	flags.AddFlags(command.Flags())
	command.Flags().StringVarP(&output, "output", "o", "", "")
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return failed(err) })
	return command
}

func (o *options) check(ctx context.Context, files resource.FilenameOptions, output string) error {
	p, err := o.printer()
	if err != nil {
		return err
	}
	if err := checkOutput(output, p); err != nil {
		return err
	}
	if len(files.Filenames) == 0 && files.Kustomize == "" {
		return usage(p.Say(message.PluginNoFile))
	}
	objects, err := o.readManifests(files, p)
	if err != nil {
		return err
	}
	c, err := o.connect()
	if err != nil {
		return err
	}
	checker := newChecker(c, objects, p)
	if err := checker.locate(); err != nil {
		return err
	}
	report := checker.report(ctx)
	if output != "" {
		err = encode(o.Out, output, report)
	} else {
		writeReport(o.Out, report, p)
	}
	if err != nil || report.ExitCode == exitOK {
		return err
	}
	return &ExitError{Code: report.ExitCode}
}

// checker judges the objects of a manifest together: a namespace or a kind may be among them.
type checker struct {
	*connection
	p       message.Printer
	objects []located
	// namespaces that the manifest makes, by name, with their labels.
	planned map[string]map[string]string
	// kinds that the manifest defines.
	kinds map[schema.GroupKind]bool
	// places known so far, by name.
	places map[string]place
}

// located is an object with its kind as the API server knows it; nil for a kind that it does not know.
type located struct {
	manifestObject
	mapping *meta.RESTMapping
}

func (l located) namespaced() bool {
	return l.mapping != nil && l.mapping.Scope.Name() == meta.RESTScopeNameNamespace
}

func newChecker(c *connection, objects []manifestObject, p message.Printer) *checker {
	k := &checker{connection: c, p: p, planned: map[string]map[string]string{}, kinds: map[schema.GroupKind]bool{},
		places: map[string]place{}}
	for _, object := range objects {
		k.objects = append(k.objects, located{manifestObject: object})
		switch gvk := object.GroupVersionKind(); gvk.GroupKind() {
		case schema.GroupKind{Kind: "Namespace"}:
			k.planned[object.GetName()] = object.GetLabels()
		case schema.GroupKind{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}:
			group, _, _ := unstructured.NestedString(object.Object, "spec", "group")
			kind, _, _ := unstructured.NestedString(object.Object, "spec", "names", "kind")
			k.kinds[schema.GroupKind{Group: group, Kind: kind}] = true
		}
	}
	return k
}

// locate finds each object's kind, and gives it its namespace as kubectl apply would.
func (k *checker) locate() error {
	var errs []error
	for i := range k.objects {
		object := &k.objects[i]
		gvk := object.GroupVersionKind()
		mapping, err := k.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
		switch {
		case err == nil:
			object.mapping = mapping
		case !meta.IsNoMatchError(err):
			return err
		}
		if !object.namespaced() {
			continue
		}
		switch namespace := object.GetNamespace(); {
		case namespace == "":
			object.SetNamespace(k.namespace)
		case k.explicit && namespace != k.namespace:
			errs = append(errs, usage(k.p.Say(message.PluginBadManifest, object.file, object.document,
				k.p.Say(message.PluginOtherNamespace, namespace, k.namespace))))
		}
	}
	return errors.Join(errs...)
}

func (k *checker) report(ctx context.Context) Report {
	var report Report
	for _, object := range k.objects {
		report.Results = append(report.Results, k.judge(ctx, object))
	}
	report.ExitCode = exitCode(report.Results)
	return report
}

// judge gives the verdict on one object: by the clearance, if it makes Pods, and by the API server's own word.
func (k *checker) judge(ctx context.Context, object located) Result {
	result := Result{File: object.file, Document: object.document, Kind: object.GetKind(), Name: object.GetName(),
		Namespace: object.GetNamespace(), Verdict: VerdictOK}
	if result.Name == "" {
		result.Name = object.GetGenerateName()
	}
	if object.mapping == nil {
		return k.judgeUnknown(object, result)
	}
	at, err := k.placeOf(ctx, object)
	if err != nil {
		return fail(result, plain(err, k.p))
	}
	if err := k.judgeClearance(object, at, &result); err != nil {
		return fail(result, err.Error())
	}
	if object.namespaced() && !at.exists {
		return k.judgeAbsent(at, result)
	}
	k.judgeServer(ctx, object, &result)
	return result
}

func fail(result Result, text string) Result {
	result.Verdict, result.Error = VerdictFailed, text
	return result
}

func (k *checker) judgeUnknown(object located, result Result) Result {
	gk := object.GroupVersionKind().GroupKind()
	if !k.kinds[gk] {
		return fail(result, k.p.Say(message.PluginUnknownKind, object.GroupVersionKind().String()))
	}
	result.Verdict = VerdictUnjudged
	result.Notes = append(result.Notes, k.p.Say(message.PluginKindInManifest, gk.String()))
	return result
}

// placeOf reads the object's namespace, once.
func (k *checker) placeOf(ctx context.Context, object located) (place, error) {
	name := object.GetNamespace()
	if !object.namespaced() {
		return place{}, nil
	}
	if known, found := k.places[name]; found {
		return known, nil
	}
	at, err := k.place(ctx, name, k.planned[name])
	if err == nil {
		k.places[name] = at
	}
	return at, err
}

// judgeClearance judges an object that makes Pods by the clearance of its namespace.
func (k *checker) judgeClearance(object located, at place, result *Result) error {
	if !object.namespaced() {
		return nil
	}
	asked, err := questionOf(object.Unstructured)
	if err != nil || asked.spec == nil {
		return err
	}
	if !at.exists && at.register == nil && clearance.Governed(at.name, at.labels) {
		return at.unread // nothing is recorded, and the register cannot be read
	}
	asked.pod = nil // a Pod in a manifest is one to be made
	e := explain(at, asked, k.p)
	if e.Answer == AnswerHeld && asked.spec.NodeName != "" {
		e.Answer = AnswerRefused
		e.Notes = append(e.Notes, k.p.Say(message.PolicyNodeName))
	}
	result.Explanation, result.Verdict = &e, verdictOn(e)
	return nil
}

// judgeAbsent judges what is to stand in a namespace that does not exist.
func (k *checker) judgeAbsent(at place, result Result) Result {
	_, planned := k.planned[at.name]
	claimed := at.register != nil && at.register.system() != nil
	if !planned && !claimed {
		result.Verdict = VerdictRefused
		result.Notes = append(result.Notes, k.p.Say(message.PluginNoSuchNamespace, at.name))
		return result
	}
	result.Notes = append(result.Notes, k.p.Say(message.PluginNamespacePlanned, at.name))
	if result.Explanation == nil {
		result.Verdict = VerdictUnjudged
	}
	return result
}

// judgeServer asks the API server for its verdict, which counts where it is the worse one.
func (k *checker) judgeServer(ctx context.Context, object located, result *Result) {
	err := k.dryRun(ctx, object)
	warned := k.warnings.take()
	switch outcomeOf(err) {
	case outcomeForbidden:
		result.Notes = append(result.Notes, k.p.Say(message.PluginDryRunForbidden))
		if result.Explanation == nil {
			result.Verdict = VerdictUnjudged
		}
		return
	case outcomeRefused:
		result.DryRun, result.Error = true, serverText(err)
		result.Verdict = VerdictRefused
	case outcomeFailed:
		*result = fail(*result, k.p.Say(message.PluginDryRunFailed, err.Error()))
	case outcomeAdmitted:
		result.DryRun = true
	}
	for _, text := range warned {
		said := result.Explanation != nil && verdictOn(*result.Explanation) != VerdictOK // in the reader's language
		if !said || !ownWarning(text) {
			result.Warnings = append(result.Warnings, text)
		}
	}
}

// serverText is the API server's refusal as it said it.
func serverText(err error) string {
	var status apierrors.APIStatus
	if errors.As(err, &status) && status.Status().Message != "" {
		return status.Status().Message
	}
	return err.Error()
}
