package plugin

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/resource"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/internal/image"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/paging"
)

func newWhyCommand(o *options) *cobra.Command {
	var output string
	command := &cobra.Command{
		Use: "why [TYPE/NAME | TYPE NAME]",
		Example: "  kubectl kitei why\n  kubectl kitei why -n tax\n  kubectl kitei why deployment/tax-web -n tax\n" +
			"  kubectl kitei why pod tax-web-7d4b9-x2x7k -n tax -o json",
		RunE: func(command *cobra.Command, args []string) error {
			p, err := o.printer()
			if err != nil {
				return err
			}
			if err := checkOutput(output, p); err != nil {
				return err
			}
			explanations, err := o.why(command.Context(), args, p)
			if err != nil {
				return err
			}
			return o.tellWhy(explanations, output, p)
		},
	}
	command.Flags().StringVarP(&output, "output", "o", "", "")
	return command
}

func (o *options) why(ctx context.Context, args []string, p message.Printer) ([]Explanation, error) {
	c, err := o.connect()
	if err != nil {
		return nil, err
	}
	objects := []*unstructured.Unstructured{nil}
	if len(args) > 0 {
		if objects, err = o.named(c, args); err != nil {
			return nil, err
		}
	}
	explanations := make([]Explanation, 0, len(objects))
	for _, object := range objects {
		explanation, err := c.whyObject(ctx, object, p)
		if err != nil {
			return nil, err
		}
		explanations = append(explanations, explanation)
	}
	return explanations, nil
}

// named reads the objects that the arguments name, as kubectl does.
func (o *options) named(c *connection, args []string) ([]*unstructured.Unstructured, error) {
	infos, err := resource.NewBuilder(o.config).Unstructured().NamespaceParam(c.namespace).DefaultNamespace().
		ResourceTypeOrNameArgs(false, args...).Flatten().Do().Infos()
	if err != nil {
		return nil, fmt.Errorf("read %v: %w", args, err)
	}
	objects := make([]*unstructured.Unstructured, 0, len(infos))
	for _, info := range infos {
		if object, is := info.Object.(*unstructured.Unstructured); is {
			objects = append(objects, object)
		}
	}
	return objects, nil
}

// whyObject explains an object, or for nil the namespace that the reader works in.
func (c *connection) whyObject(ctx context.Context, object *unstructured.Unstructured, p message.Printer) (Explanation, error) {
	if object == nil {
		return c.whyNamespace(ctx, c.namespace, p)
	}
	if object.GetKind() == "Namespace" && object.GetAPIVersion() == "v1" {
		return c.whyNamespace(ctx, object.GetName(), p)
	}
	asked, err := questionOf(object)
	if err != nil {
		return Explanation{}, err
	}
	if asked.spec == nil {
		return Explanation{}, usage(p.Say(message.PluginNoTemplate, object.GetKind(), object.GetName()))
	}
	at, err := c.place(ctx, object.GetNamespace(), nil)
	if err != nil {
		return Explanation{}, err
	}
	explanation := explain(at, asked, p)
	if asked.pod == nil {
		c.countPods(ctx, &explanation, object, p)
	}
	return explanation, nil
}

func (c *connection) whyNamespace(ctx context.Context, name string, p message.Printer) (Explanation, error) {
	at, err := c.place(ctx, name, nil)
	if err != nil {
		return Explanation{}, err
	}
	if !at.exists {
		return Explanation{}, usage(p.Say(message.PluginNamespaceMissing, name))
	}
	explanation := explain(at, question{}, p)
	c.count(ctx, &explanation, labels.Everything(), p)
	return explanation, nil
}

// questionOf asks about a Pod or a workload.
func questionOf(object *unstructured.Unstructured) (question, error) {
	asked := question{object: &ObjectName{Kind: object.GetKind(), Name: object.GetName()}}
	var err error
	if asked.spec, err = podSpecOf(object); err != nil || asked.spec == nil {
		return asked, err
	}
	asked.images = image.OfPodSpec(asked.spec)
	if isPod(object) {
		asked.pod = &corev1.Pod{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, asked.pod); err != nil {
			return asked, fmt.Errorf("read pod %s: %w", object.GetName(), err)
		}
	}
	return asked, nil
}

// countPods counts the Pods that a workload's selector selects. A workload without one, such as a CronJob, is passed over.
func (c *connection) countPods(ctx context.Context, e *Explanation, object *unstructured.Unstructured, p message.Printer) {
	content, found, err := unstructured.NestedMap(object.Object, "spec", "selector")
	if err != nil || !found || len(content) == 0 {
		return
	}
	var wanted metav1.LabelSelector
	if object.GetKind() == "ReplicationController" {
		content = map[string]any{"matchLabels": content}
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(content, &wanted); err != nil {
		return // a selector of another shape
	}
	if selector, err := metav1.LabelSelectorAsSelector(&wanted); err == nil && !selector.Empty() {
		c.count(ctx, e, selector, p)
	}
}

// count counts the Pods that a selector selects. That they cannot be listed is only noted: the answer does not
// rest on it.
func (c *connection) count(ctx context.Context, e *Explanation, selector labels.Selector, p message.Printer) {
	count := &PodCount{}
	err := paging.Each(ctx, c, &corev1.PodList{}, func(pod *corev1.Pod) error {
		count.add(pod)
		return nil
	}, client.InNamespace(e.Namespace), client.MatchingLabelsSelector{Selector: selector})
	switch {
	case apierrors.IsForbidden(err):
		e.Notes = append(e.Notes, p.Say(message.PluginNoPodList))
	case err != nil:
		e.Notes = append(e.Notes, plain(err, p))
	default:
		e.Pods = count
	}
}

func (count *PodCount) add(pod *corev1.Pod) {
	count.All++
	switch ours, others := gates(pod); {
	case ours:
		count.Held++
	case len(others) > 0:
		count.HeldByOthers++
	}
}
