package pod

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/lru"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
)

// Reasons of the events on a workload.
const (
	// EventHeld: the workload's Pods wait for an approval.
	EventHeld = "Held"
	// EventReleased: the workload's Pods may run.
	EventReleased = "Released"
)

// remembered bounds how many workloads the reporter remembers; one forgotten is only reported again.
const remembered = 8192

// Reporter writes one event per workload and cause, however many Pods the workload has.
type Reporter struct {
	events events.EventRecorder
	// live finds the Deployment or CronJob behind a ReplicaSet or Job, of which the operator keeps no cache.
	live client.Reader
	// language of the sentences, which a person reads.
	language func(context.Context) v1alpha1.Language
	said     *lru.Cache
}

// +kubebuilder:rbac:groups=apps,resources=replicasets,verbs=get
// +kubebuilder:rbac:groups=batch,resources=jobs,verbs=get

// NewReporter makes a reporter.
func NewReporter(recorder events.EventRecorder, live client.Reader, language func(context.Context) v1alpha1.Language) *Reporter {
	return &Reporter{events: recorder, live: live, language: language, said: lru.New(remembered)}
}

// Held reports that a Pod waits, and for which of its images where the system is approved for others.
func (r *Reporter) Held(ctx context.Context, pod *corev1.Pod, home *metav1.PartialObjectMetadata, recorded clearance.Recorded,
	uncovered []string,
) {
	why := recorded.Message
	if len(uncovered) > 0 {
		p := message.In(r.language(ctx))
		why = p.Say(message.ImagesNotCovered, p.List(uncovered), why)
	}
	r.report(ctx, pod, home, corev1.EventTypeWarning, EventHeld, "Hold", message.EventHeld, why)
}

// Released reports that a Pod's gate was lifted.
func (r *Reporter) Released(ctx context.Context, pod *corev1.Pod, home *metav1.PartialObjectMetadata, recorded clearance.Recorded) {
	r.report(ctx, pod, home, corev1.EventTypeNormal, EventReleased, "Release", message.EventReleased, recorded.Message)
}

func (r *Reporter) report(ctx context.Context, pod *corev1.Pod, home *metav1.PartialObjectMetadata, kind, reason, action string,
	id message.ID, why string,
) {
	type saying struct {
		owner       types.UID
		reason, why string
	}
	owner := controllerOf(pod)
	said := saying{owner.UID, reason, why}
	if _, known := r.said.Get(said); known {
		return
	}
	r.said.Add(said, nil)
	workload := r.workload(ctx, pod.Namespace, owner)
	note := message.Note(message.In(r.language(ctx)).Say(id, why))
	// The Namespace, in the version that says why, also keeps the recorder from counting this as the event before it once more,
	// whose note says what was to be done then.
	r.events.Eventf(workload, home, kind, reason, action, "%s", note)
}

// owner is the controller of an object, or the object itself.
type owner struct {
	metav1.TypeMeta
	Name string
	UID  types.UID
}

func controllerOf(pod *corev1.Pod) owner {
	if ref := metav1.GetControllerOf(pod); ref != nil {
		return owner{metav1.TypeMeta{APIVersion: ref.APIVersion, Kind: ref.Kind}, ref.Name, ref.UID}
	}
	return owner{metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}, pod.Name, pod.UID}
}

// workload is the object that a person would look at: the Deployment behind a ReplicaSet, the CronJob behind a Job.
func (r *Reporter) workload(ctx context.Context, namespace string, of owner) *metav1.PartialObjectMetadata {
	object := &metav1.PartialObjectMetadata{TypeMeta: of.TypeMeta}
	object.Name, object.Namespace, object.UID = of.Name, namespace, of.UID
	if of.Kind != "ReplicaSet" && of.Kind != "Job" {
		return object
	}
	middle := &metav1.PartialObjectMetadata{TypeMeta: of.TypeMeta}
	if err := r.live.Get(ctx, client.ObjectKey{Namespace: namespace, Name: of.Name}, middle); err != nil {
		log.FromContext(ctx).V(1).Info("report on the controller itself: its own owner is not known", "error", err.Error())
		return object
	}
	if ref := metav1.GetControllerOf(middle); ref != nil {
		object.TypeMeta = metav1.TypeMeta{APIVersion: ref.APIVersion, Kind: ref.Kind}
		object.Name, object.UID = ref.Name, ref.UID
	}
	return object
}
