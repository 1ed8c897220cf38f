// Package staticpod reports static Pods in governed namespaces (article 12). A node runs them from files of its own and shows each
// by a mirror, a Pod that it creates afterwards: there is nothing left to hold. The policies let the mirror in, because refusing
// it would only hide what runs.
//
// +kubebuilder:rbac:groups="",resources=pods,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
package staticpod

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/controller/watching"
	"kitei.dev/kitei/internal/message"
)

// eventStaticPod is the reason of the event on a Namespace in which a static Pod runs.
const eventStaticPod = "StaticPod"

// Without labels, but only there once it was measured: a replica that never led says nothing.
var staticPods = prometheus.NewGaugeVec(prometheus.GaugeOpts{
	Name: "kitei_static_pods",
	Help: "Static Pods in governed namespaces, which no approval can hold.",
}, nil)

func init() { //nolint:gochecknoinits // the registry of controller-runtime is filled before its server starts
	metrics.Registry.MustRegister(staticPods)
}

// Reconciler reports one static Pod, and counts them all.
type Reconciler struct {
	// Client reads Namespaces and the Regulation.
	Client client.Client
	Events events.EventRecorder

	mirrors cache.Cache
}

// Reconcile reports a mirror that has just appeared.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	if err := r.count(ctx); err != nil {
		return ctrl.Result{}, err
	}
	mirror := pod()
	if err := r.mirrors.Get(ctx, request.NamespacedName, mirror); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	home, governed, err := r.home(ctx, mirror)
	if err != nil || !governed {
		return ctrl.Result{}, err
	}
	p := message.In(r.language(ctx))
	r.Events.Eventf(home, mirror, corev1.EventTypeWarning, eventStaticPod, "Observe", "%s",
		message.Note(p.Say(message.StaticPodRuns, mirror.Name, node(mirror), mirror.Namespace)))
	return ctrl.Result{}, nil
}

// home is the Namespace of a Pod; governed says whether the Pod is a mirror, and Kitei's to report.
func (r *Reconciler) home(ctx context.Context, mirror *metav1.PartialObjectMetadata) (
	home *metav1.PartialObjectMetadata, governed bool, err error,
) {
	if _, is := mirror.Annotations[corev1.MirrorPodAnnotationKey]; !is {
		return nil, false, nil
	}
	home = watching.Namespace()
	if err := r.Client.Get(ctx, client.ObjectKey{Name: mirror.Namespace}, home); err != nil {
		return nil, false, client.IgnoreNotFound(err)
	}
	return home, clearance.Governed(home.Name, home.Labels), nil
}

func (r *Reconciler) count(ctx context.Context) error {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Pod"))
	if err := r.mirrors.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("list static pods: %w", err)
	}
	count := 0
	for i := range list.Items {
		_, governed, err := r.home(ctx, &list.Items[i])
		if err != nil {
			return err
		}
		if governed {
			count++
		}
	}
	staticPods.WithLabelValues().Set(float64(count))
	return nil
}

func (r *Reconciler) language(ctx context.Context) v1alpha1.Language {
	var current v1alpha1.Regulation
	if err := r.Client.Get(ctx, client.ObjectKey{Name: v1alpha1.RegulationName}, &current); err != nil {
		return v1alpha1.LanguageJapanese
	}
	return current.Spec.Language
}

// node is the node that a mirror belongs to: the API server wants it to say so.
func node(mirror *metav1.PartialObjectMetadata) string {
	if owner := metav1.GetControllerOf(mirror); owner != nil && owner.Kind == "Node" {
		return owner.Name
	}
	return "?"
}

// pod is an empty Pod of which only the metadata is read and cached.
func pod() *metav1.PartialObjectMetadata {
	object := &metav1.PartialObjectMetadata{}
	object.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Pod"))
	return object
}

// SetupWithManager starts the controller with the manager. It has a cache of its own, of the Pods without a service account:
// only mirrors have none, for Kubernetes gives one to all others.
func (r *Reconciler) SetupWithManager(manager ctrl.Manager) error {
	var err error
	r.mirrors, err = cache.New(manager.GetConfig(), cache.Options{
		HTTPClient: manager.GetHTTPClient(), Scheme: manager.GetScheme(), Mapper: manager.GetRESTMapper(),
		DefaultTransform: cache.TransformStripManagedFields(),
		ByObject: map[client.Object]cache.ByObject{
			pod(): {Field: fields.OneTermEqualSelector("spec.serviceAccountName", "")},
		},
	})
	if err != nil {
		return fmt.Errorf("make a cache of static pods: %w", err)
	}
	if err := manager.Add(r.mirrors); err != nil {
		return fmt.Errorf("add the cache of static pods: %w", err)
	}
	comesOrGoes := predicate.TypedFuncs[*metav1.PartialObjectMetadata]{
		UpdateFunc: func(event.TypedUpdateEvent[*metav1.PartialObjectMetadata]) bool { return false },
	}
	err = ctrl.NewControllerManagedBy(manager).
		Named("staticpod").
		WatchesRawSource(source.Kind(r.mirrors, pod(), &handler.TypedEnqueueRequestForObject[*metav1.PartialObjectMetadata]{},
			comesOrGoes)).
		WatchesMetadata(watching.Namespace(), handler.EnqueueRequestsFromMapFunc(r.mirrorsIn),
			builder.WithPredicates(predicate.Funcs{UpdateFunc: governingChanged})).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the controller of static pods: %w", err)
	}
	return nil
}

// governingChanged lets a Namespace's change pass when Kitei begins or ceases to govern it.
func governingChanged(e event.UpdateEvent) bool {
	return clearance.Governed(e.ObjectOld.GetName(), e.ObjectOld.GetLabels()) !=
		clearance.Governed(e.ObjectNew.GetName(), e.ObjectNew.GetLabels())
}

func (r *Reconciler) mirrorsIn(ctx context.Context, object client.Object) []ctrl.Request {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Pod"))
	return watching.Listed(ctx, r.mirrors, list, watching.Every[*metav1.PartialObjectMetadata], client.InNamespace(object.GetName()))
}
