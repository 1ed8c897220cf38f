package classification

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	testingclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"kitei.dev/kitei/api/v1alpha1"
)

// world is what a cluster holds: 税務システム, classed 3B/2/2, in namespace tax.
type world struct {
	namespace  *metav1.PartialObjectMetadata
	regulation *v1alpha1.Regulation
	standard   *v1alpha1.SecurityStandard
	system     *v1alpha1.ElectronicSystem
	others     []client.Object
}

func newWorld(change ...func(*world)) *world {
	w := &world{
		namespace:  metadata("Namespace"),
		regulation: &v1alpha1.Regulation{ObjectMeta: metav1.ObjectMeta{Name: v1alpha1.RegulationName}},
		standard:   &v1alpha1.SecurityStandard{ObjectMeta: metav1.ObjectMeta{Name: "arakawa"}},
		system:     &v1alpha1.ElectronicSystem{ObjectMeta: metav1.ObjectMeta{Name: "tax"}},
	}
	w.namespace.Name = "tax"
	w.namespace.Labels = map[string]string{v1alpha1.LabelSystem: "tax"}
	w.regulation.Spec.SecurityStandardRef = &v1alpha1.NameReference{Name: "arakawa"}
	w.standard.Spec.Confidentiality = []v1alpha1.LevelDefinition{{Name: "3A"}, {Name: "3B"}, {Name: "3C"}, {Name: "2"}, {Name: "1"}}
	w.standard.Spec.Integrity = []v1alpha1.LevelDefinition{{Name: "2"}, {Name: "1"}}
	w.standard.Spec.Availability = []v1alpha1.LevelDefinition{{Name: "2"}, {Name: "1"}}
	w.system.Spec.DisplayName = "税務システム"
	w.system.Spec.Classification = &v1alpha1.Classification{Confidentiality: "3B", Integrity: "2", Availability: "2"}
	for _, apply := range change {
		apply(w)
	}
	return w
}

func mode(of v1alpha1.EnforcementMode) func(*world) {
	return func(w *world) { w.regulation.Spec.Enforcement.Mode = of }
}

func with(objects ...client.Object) func(*world) {
	return func(w *world) { w.others = append(w.others, objects...) }
}

// reader of the world. It refuses what the operator must not read: Namespaces other than as metadata, claims other than as
// metadata, anything to write.
func (w *world) reader(t *testing.T, live bool) client.WithWatch {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	builder := fake.NewClientBuilder().WithScheme(scheme).WithObjects(w.others...)
	if w.namespace != nil {
		builder.WithObjects(&corev1.Namespace{ObjectMeta: w.namespace.ObjectMeta})
	}
	if w.regulation != nil {
		builder.WithObjects(w.regulation)
	}
	if w.standard != nil {
		builder.WithObjects(w.standard)
	}
	if w.system != nil {
		builder.WithObjects(w.system)
	}
	return builder.WithInterceptorFuncs(interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
			switch o.(type) {
			case *corev1.Namespace, *corev1.PersistentVolumeClaim:
				t.Errorf("%T is read whole", o)
			case *metav1.PartialObjectMetadata:
				if !live && o.GetObjectKind().GroupVersionKind().Kind != "Namespace" {
					t.Errorf("%s is read from the cache", o.GetObjectKind().GroupVersionKind().Kind)
				}
			}
			return c.Get(ctx, key, o, options...)
		},
		List: func(ctx context.Context, c client.WithWatch, l client.ObjectList, options ...client.ListOption) error {
			applied := (&client.ListOptions{}).ApplyOptions(options)
			if applied.Namespace != "" && (!live || applied.Limit == 0) {
				t.Errorf("%T is listed from the cache, or at once", l)
			}
			return c.List(ctx, l, options...)
		},
	}).Build()
}

// handler of which the cache sees one world and the API server another.
func handler(t *testing.T, cached, live *world) *Handler {
	t.Helper()
	now := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	return &Handler{Cache: cached.reader(t, false), Live: live.reader(t, true), Clock: testingclock.NewFakePassiveClock(now)}
}

// labels reads 3A/2/2.
func labels(class string) map[string]string {
	labels := map[string]string{"app": "web"}
	for i, level := range strings.Split(class, "/") {
		if level != "" {
			labels[[]string{v1alpha1.LabelConfidentiality, v1alpha1.LabelIntegrity, v1alpha1.LabelAvailability}[i]] = level
		}
	}
	return labels
}

func named(name, class string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: "tax", Name: name, Labels: labels(class)}
}

func claim(name, class string) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{ObjectMeta: named(name, class)}
}

func volumes(claims ...string) []corev1.Volume {
	volumes := make([]corev1.Volume, 0, len(claims))
	for _, name := range claims {
		source := &corev1.PersistentVolumeClaimVolumeSource{ClaimName: name}
		volumes = append(volumes, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: source}})
	}
	return volumes
}

func deployment(name, class string, claims ...string) *appsv1.Deployment {
	deployment := &appsv1.Deployment{ObjectMeta: named(name, class)}
	deployment.Spec.Template.Spec.Volumes = volumes(claims...)
	return deployment
}

// request to create an object, or to change it from old.
func request(t *testing.T, gvk metav1.GroupVersionKind, object, old client.Object) admission.Request {
	t.Helper()
	encode := func(o client.Object) runtime.RawExtension {
		raw, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		return runtime.RawExtension{Raw: raw}
	}
	r := admission.Request{AdmissionRequest: admissionv1.AdmissionRequest{
		Kind: gvk, Namespace: "tax", Operation: admissionv1.Create, Object: encode(object),
	}}
	if old != nil {
		r.Operation, r.OldObject = admissionv1.Update, encode(old)
	}
	return r
}

var (
	deployments = metav1.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}
	claims      = metav1.GroupVersionKind{Version: "v1", Kind: "PersistentVolumeClaim"}
)

func TestHandleModes(t *testing.T) {
	for name, test := range map[string]struct {
		world                     *world
		allowed, warned, recorded bool
	}{
		"no mode":       {newWorld(), false, false, false},
		"Hold":          {newWorld(mode(v1alpha1.ModeHold)), false, false, false},
		"Deny":          {newWorld(mode(v1alpha1.ModeDeny)), false, false, false},
		"Warn":          {newWorld(mode(v1alpha1.ModeWarn)), true, true, true},
		"Audit":         {newWorld(mode(v1alpha1.ModeAudit)), true, false, true},
		"mode unknown":  {newWorld(mode("Later")), false, false, false},
		"no regulation": {newWorld(func(w *world) { w.regulation = nil }), true, false, false},
		"no standard named": {
			newWorld(func(w *world) { w.regulation.Spec.SecurityStandardRef = nil }), true, false, false,
		},
		"no standard of that name": {newWorld(func(w *world) { w.standard = nil }), false, false, false},
		"no system of that name":   {newWorld(func(w *world) { w.system = nil }), false, false, false},
		"a namespace of no system": {newWorld(func(w *world) { w.namespace.Labels = nil }), true, false, false},
		"an exempt namespace": {
			newWorld(func(w *world) { w.namespace.Labels[v1alpha1.LabelExempt] = "true" }), true, false, false,
		},
		"an override": {
			newWorld(func(w *world) {
				w.regulation.Spec.Enforcement.Overrides = []v1alpha1.EnforcementOverride{{
					NamespaceSelector: metav1.LabelSelector{MatchLabels: map[string]string{v1alpha1.LabelSystem: "tax"}},
					Mode:              v1alpha1.ModeAudit,
				}}
			}), true, false, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := handler(t, test.world, test.world).Handle(t.Context(), request(t, deployments, deployment("web", ""), nil))
			warned, recorded := len(got.Warnings) > 0, got.AuditAnnotations[AuditKey] != ""
			if got.Allowed != test.allowed || warned != test.warned || recorded != test.recorded {
				t.Errorf("allowed %v, warnings %q, audit %q", got.Allowed, got.Warnings, got.AuditAnnotations)
			}
			if !got.Allowed && (got.Result.Code != http.StatusForbidden || got.Result.Reason != metav1.StatusReasonForbidden) {
				t.Errorf("refused with %v", got.Result)
			}
		})
	}
}

// TestHandleReadsLive sees that the cache lets nothing through that it cannot tell, and refuses nothing by itself.
func TestHandleReadsLive(t *testing.T) {
	unclassed := func(w *world) { w.system.Spec.Classification = nil }
	for name, test := range map[string]struct {
		cached, live *world
		allowed      bool
	}{
		"classed a moment ago":              {newWorld(unclassed), newWorld(), true},
		"no longer classed, cached late":    {newWorld(), newWorld(unclassed), true},
		"both find it wrong":                {newWorld(unclassed), newWorld(unclassed), false},
		"the cache has no namespace":        {newWorld(func(w *world) { w.namespace = nil }), newWorld(), true},
		"nor anything wrong":                {newWorld(func(w *world) { w.namespace = nil }), newWorld(unclassed), false},
		"the cache knows no system of it":   {newWorld(func(w *world) { w.namespace.Labels = nil }), newWorld(unclassed), false},
		"a mode that was loosened just now": {newWorld(unclassed), newWorld(unclassed, mode(v1alpha1.ModeAudit)), true},
		"a mode that was tightened":         {newWorld(unclassed, mode(v1alpha1.ModeAudit)), newWorld(unclassed), false},
	} {
		t.Run(name, func(t *testing.T) {
			got := handler(t, test.cached, test.live).Handle(t.Context(), request(t, deployments, deployment("web", "3B/2/2"), nil))
			if got.Allowed != test.allowed {
				t.Errorf("allowed %v: %v", got.Allowed, got.Result)
			}
		})
	}
}

func TestHandleVolumes(t *testing.T) {
	controlled := deployment("web", "1/1/1", "data")
	yes := true
	controlled.OwnerReferences = []metav1.OwnerReference{{Controller: &yes, Kind: "Site", Name: "web"}}
	pod := func(phase corev1.PodPhase) *corev1.Pod {
		return &corev1.Pod{
			ObjectMeta: named("web", "1/1/1"), Spec: corev1.PodSpec{Volumes: volumes("data")}, Status: corev1.PodStatus{Phase: phase},
		}
	}
	set := &appsv1.StatefulSet{ObjectMeta: named("web", "1/1/1")}
	set.Spec.VolumeClaimTemplates = []corev1.PersistentVolumeClaim{{ObjectMeta: metav1.ObjectMeta{Name: "data", Labels: labels("1/1/1")}}}
	sets := metav1.GroupVersionKind{Group: "apps", Version: "v1", Kind: "StatefulSet"}

	for name, test := range map[string]struct {
		world  *world
		kind   metav1.GroupVersionKind
		object client.Object
		old    client.Object
		want   string // in the refusal; empty for none
	}{
		"a claim that does not exist":     {newWorld(), deployments, deployment("web", "1/1/1", "data"), nil, ""},
		"a claim of the same class":       {newWorld(with(claim("data", "3B/2/2"))), deployments, deployment("web", "3B/2/2", "data"), nil, ""},
		"a claim of a higher class":       {newWorld(with(claim("data", "3B/2/2"))), deployments, deployment("web", "3C/2/2", "data"), nil, "volume data"},
		"a claim without labels":          {newWorld(with(claim("data", ""))), deployments, deployment("web", "3B/2/2", "data"), nil, "kubectl label pvc data -n tax"},
		"a claim mounted before":          {newWorld(with(claim("data", ""))), deployments, deployment("web", "3B/2/2", "data"), deployment("web", "3C/2/2", "data"), ""},
		"a claim mounted anew":            {newWorld(with(claim("data", ""))), deployments, deployment("web", "3B/2/2", "data"), deployment("web", "3B/2/2"), "kubectl label pvc"},
		"a StatefulSet's claim left over": {newWorld(with(claim("data-web-3", "3B/2/2"))), sets, set, nil, "data-web-3"},
		"a claim of another set":          {newWorld(with(claim("data-webber-3", "3B/2/2"))), sets, set, nil, ""},

		"a claim mounted by nothing":         {newWorld(with(deployment("web", "1/1/1", "other"))), claims, claim("data", "3B/2/2"), nil, ""},
		"a claim below its workload":         {newWorld(with(deployment("web", "3B/2/2", "data"))), claims, claim("data", "3C/2/2"), nil, ""},
		"a claim above its Deployment":       {newWorld(with(deployment("web", "3C/2/2", "data"))), claims, claim("data", "3B/2/2"), nil, "Deployment web"},
		"a claim raised above it":            {newWorld(with(deployment("web", "3C/2/2", "data"))), claims, claim("data", "3B/2/2"), claim("data", "3C/2/2"), "Deployment web"},
		"a claim lowered":                    {newWorld(with(deployment("web", "1/1/1", "data"))), claims, claim("data", "3C/2/2"), claim("data", "3B/2/2"), ""},
		"a workload of another namespace":    {newWorld(with(&appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "x", Name: "web", Labels: labels("1/1/1")}, Spec: deployment("", "", "data").Spec})), claims, claim("data", "3B/2/2"), nil, ""},
		"a claim above a Pod":                {newWorld(with(pod(corev1.PodRunning))), claims, claim("data", "3B/2/2"), nil, "Pod web"},
		"a Pod that has ended":               {newWorld(with(pod(corev1.PodSucceeded))), claims, claim("data", "3B/2/2"), nil, ""},
		"a workload that names an owner":     {newWorld(with(controlled)), claims, claim("data", "3B/2/2"), nil, "Deployment web"},
		"a claim by a StatefulSet's name":    {newWorld(with(set)), claims, claim("data-web-0", "3B/2/2"), nil, "StatefulSet web"},
		"a claim with nearly such a name":    {newWorld(with(set)), claims, claim("data-web-x", "3B/2/2"), nil, ""},
		"a workload that bears no class yet": {newWorld(with(deployment("web", "", "data"))), claims, claim("data", "3B/2/2"), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			test.world.regulation.Spec.Language = v1alpha1.LanguageEnglish
			got := handler(t, test.world, test.world).Handle(t.Context(), request(t, test.kind, test.object, test.old))
			switch {
			case got.Allowed != (test.want == ""):
				t.Errorf("allowed %v: %v", got.Allowed, got.Result)
			case !got.Allowed && !strings.Contains(got.Result.Message, test.want):
				t.Errorf("the refusal lacks %q: %s", test.want, got.Result.Message)
			}
		})
	}
}

func TestHandleAsksNothing(t *testing.T) {
	dying := deployment("web", "")
	dying.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)}
	relabelled, scaled := deployment("web", "", "data"), deployment("web", "", "data")
	relabelled.Labels["app"] = "other"
	scaled.Spec.Template.Spec.Containers = []corev1.Container{{Name: "web", Image: "registry.example/tax/web:2"}}
	bound := claim("data", "")
	bound.Spec.VolumeName = "pv-1"

	for name, r := range map[string]admission.Request{
		"being deleted":    request(t, deployments, dying, nil),
		"another label":    request(t, deployments, relabelled, deployment("web", "", "data")),
		"another image":    request(t, deployments, scaled, deployment("web", "", "data")),
		"a claim is bound": request(t, claims, bound, claim("data", "")),
		"a subresource":    {AdmissionRequest: admissionv1.AdmissionRequest{SubResource: "scale"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (&Handler{}).Handle(t.Context(), r); !got.Allowed || len(got.Warnings) > 0 { // it reads nothing either
				t.Errorf("allowed %v: %v", got.Allowed, got.Result)
			}
		})
	}
}

// TestHandleControlled sees that what a controller made from an asset is not asked for a class of its own when it changes, and
// that nobody gets out of being asked by writing an owner into an object.
func TestHandleControlled(t *testing.T) {
	pods := metav1.GroupVersionKind{Version: "v1", Kind: "Pod"}
	pod := func(class string, owners ...metav1.OwnerReference) *corev1.Pod {
		made := &corev1.Pod{ObjectMeta: named("web", class)}
		made.OwnerReferences = owners
		return made
	}
	owner := func(version, kind, uid string, controls bool) metav1.OwnerReference {
		return metav1.OwnerReference{APIVersion: version, Kind: kind, Name: "web", UID: types.UID(uid), Controller: &controls}
	}
	set, other := owner("apps/v1", "ReplicaSet", "1", true), owner("apps/v1", "ReplicaSet", "2", true)
	owned := claim("data", "")
	owned.OwnerReferences = []metav1.OwnerReference{owner("apps/v1", "StatefulSet", "1", true)}
	was := owned.DeepCopy()
	was.Labels = labels("3B/2/2")

	sets := metav1.GroupVersionKind{Group: "apps", Version: "v1", Kind: "ReplicaSet"}
	replicaSet := func(class string, claims ...string) *appsv1.ReplicaSet {
		made := &appsv1.ReplicaSet{ObjectMeta: named("web", class)}
		made.OwnerReferences = []metav1.OwnerReference{owner("apps/v1", "Deployment", "1", true)}
		made.Spec.Template.Spec.Volumes = volumes(claims...)
		return made
	}
	for name, test := range map[string]struct {
		kind        metav1.GroupVersionKind
		object, old client.Object
		allowed     bool
	}{
		"a deployment's replica set":          {sets, replicaSet(""), replicaSet("3B/2/2"), true},
		"a volume that its controller lacks":  {sets, replicaSet("", "data"), replicaSet(""), false},
		"its controller's":                    {pods, pod("", set), pod("3B/2/2", set), true},
		"a bare pod":                          {pods, pod(""), pod("3B/2/2"), false},
		"an owner that controls nothing":      {pods, pod("", owner("apps/v1", "ReplicaSet", "1", false)), pod("3B/2/2", owner("apps/v1", "ReplicaSet", "1", false)), false},
		"an owner written into a new pod":     {pods, pod("", set), nil, false},
		"an owner written with the labels":    {pods, pod("", set), pod("3B/2/2"), false},
		"an owner taken away with the labels": {pods, pod(""), pod("3B/2/2", set), false},
		"another owner written":               {pods, pod("", other), pod("3B/2/2", set), false},
		"an owner that is not asked itself":   {pods, pod("", owner("v1", "ConfigMap", "1", true)), pod("3B/2/2", owner("v1", "ConfigMap", "1", true)), false},
		"an owner of another group":           {pods, pod("", owner("x.example/v1", "ReplicaSet", "1", true)), pod("3B/2/2", owner("x.example/v1", "ReplicaSet", "1", true)), false},
		"a claim, which is an asset itself":   {claims, owned, was, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			if got := handler(t, w, w).Handle(t.Context(), request(t, test.kind, test.object, test.old)); got.Allowed != test.allowed {
				t.Errorf("allowed %v: %v", got.Allowed, got.Result)
			}
		})
	}
}

func TestHandleErrors(t *testing.T) {
	broken := newWorld()
	h := handler(t, broken, broken)
	failing := interceptor.NewClient(broken.reader(t, true), interceptor.Funcs{
		Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
			return errors.New("the server is not there")
		},
	})
	for name, test := range map[string]struct {
		handler *Handler
		request admission.Request
		code    int32
		text    string
	}{
		"an unknown kind": {h, request(t, metav1.GroupVersionKind{Group: "apps", Version: "v2", Kind: "Deployment"}, deployment("web", ""), nil), http.StatusBadRequest, "v2"},
		"no object":       {h, admission.Request{AdmissionRequest: admissionv1.AdmissionRequest{Kind: deployments, Object: runtime.RawExtension{Raw: []byte("[]")}}}, http.StatusBadRequest, "decode Deployment"},
		"no server":       {&Handler{Cache: failing, Live: failing, Clock: h.Clock}, request(t, deployments, deployment("web", "3B/2/2"), nil), http.StatusInternalServerError, "the server is not there"},
	} {
		t.Run(name, func(t *testing.T) {
			got := test.handler.Handle(t.Context(), test.request)
			if got.Allowed || got.Result.Code != test.code || !strings.Contains(got.Result.Message, test.text) {
				t.Errorf("%v", got.Result)
			}
		})
	}
	t.Run("a cache that fails is passed over", func(t *testing.T) {
		h := &Handler{Cache: failing, Live: h.Live, Clock: h.Clock}
		if got := h.Handle(t.Context(), request(t, deployments, deployment("web", "3B/2/2"), nil)); !got.Allowed {
			t.Errorf("%v", got.Result)
		}
	})
}

// TestDocumentation sees that docs/classification.md shows the refusals as they are.
func TestDocumentation(t *testing.T) {
	document, err := os.ReadFile("../../../docs/classification.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range []v1alpha1.Language{v1alpha1.LanguageJapanese, v1alpha1.LanguageEnglish} {
		w := newWorld(func(w *world) { w.regulation.Spec.Language = language }, with(claim("ledger", "")))
		for _, object := range []client.Object{deployment("tax-web", "3A"), deployment("tax-web", "3B/2/2", "ledger")} {
			got := handler(t, w, w).Handle(t.Context(), request(t, deployments, object, nil))
			if !strings.Contains(string(document), "\n"+got.Result.Message+"\n") {
				t.Errorf("docs/classification.md lacks this line:\n%s", got.Result.Message)
			}
		}
	}
}
