package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// variant is one way in which an object is created: by whom and in which namespace.
type variant struct {
	name, namespace string
	by              client.Client
}

// subject of a measurement: a kind of object and its variants. The first variant is what the others are compared with.
type subject struct {
	kind     string
	variants []variant
	object   func(namespace string) client.Object
	clients  []int // how many of them create at the same time, each measured by itself
	options  []client.CreateOption
}

// Names of variants that goals speak of.
const (
	noPolicy      = "no policy"
	noPolicyAgain = "no policy, measured twice"
	doNothing     = "a webhook that does nothing"
)

// Kinds of objects that goals speak of.
const (
	podKind   = "Pod"
	storedPod = "Stored Pod"
)

// measureCreates measures creates as dry runs: the whole way of a request but the write to etcd, which is the same for all and
// would only hide what is looked for. Then Pods once more as users have them, with that write.
func measureCreates(ctx context.Context, b *bench) error {
	stop, err := b.serveNothing(ctx)
	if err != nil {
		return err
	}
	defer stop()
	exempt := map[string]string{v1alpha1.LabelExempt: "true"}
	for name, labels := range map[string]map[string]string{
		"none": exempt, "again": exempt, "webhook": {v1alpha1.LabelExempt: "true", doNothingLabel: "true"},
	} {
		if err := b.namespace(ctx, name, labels); err != nil {
			return err
		}
	}
	for name, images := range map[string][]v1alpha1.ImagePattern{"cleared": nil, "images": {pattern}} {
		if err := b.home(ctx, name, v1alpha1.Clearance(name), images...); err != nil {
			return err
		}
	}
	if err := b.home(ctx, "held", v1alpha1.ClearanceHeld); err != nil {
		return err
	}
	for _, s := range subjects(b.stage) {
		for _, clients := range s.clients {
			if err := b.measureSubject(ctx, s, clients); err != nil {
				return err
			}
		}
	}
	return nil
}

// subjects are Pods, which controllers make, and Deployments, which people make. Of a person's objects the classification
// webhook asks their class, whatever the clearance; of a controller's it does not.
func subjects(s *stage) []subject {
	base := func(by client.Client) []variant {
		return []variant{
			{noPolicy, "none", by}, {noPolicyAgain, "again", by}, {doNothing, "webhook", by},
			{"`cleared`", "cleared", by}, {"`images`", "images", by}, {"`held`", "held", by},
		}
	}
	oneAndEight, dryRun := []int{1, 8}, []client.CreateOption{client.DryRunAll}
	return []subject{
		{podKind, append(base(s.maker), variant{"`images`, by a person: classification too", "images", s.admin}), ownedPod,
			oneAndEight, dryRun},
		{"Deployment", append(base(s.admin), variant{"`images`, by a controller: no classification", "images", s.maker}), deployment,
			oneAndEight, dryRun},
		{storedPod, base(s.maker), pod, []int{1}, nil}, // with an owner that is not there it would be collected
	}
}

func pod(namespace string) client.Object {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, GenerateName: "web-", Labels: classLabels()}, Spec: podSpec()}
}

// ownedPod is one as the ReplicaSet controller makes it.
func ownedPod(namespace string) client.Object {
	owned := pod(namespace)
	yes := true
	owned.SetOwnerReferences([]metav1.OwnerReference{{
		APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "web", UID: "0c1c3b0e-6d0f-4c55-8a87-2f0f6d4b6a11", Controller: &yes,
	}})
	return owned
}

func podSpec() corev1.PodSpec {
	return corev1.PodSpec{
		SchedulerName: "none", // nobody schedules it
		Containers: []corev1.Container{{
			Name: "web", Image: image, Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}},
			Env: []corev1.EnvVar{{Name: "LANG", Value: "ja_JP.UTF-8"}, {Name: "TZ", Value: "Asia/Tokyo"}},
		}},
	}
}

func deployment(namespace string) client.Object {
	labels := classLabels()
	labels["app"] = "web"
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, GenerateName: "web-", Labels: classLabels()},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: podSpec()},
		},
	}
}

// measureSubject measures the variants in turns, in a new order each time, and adds their rows. One client changes the variant
// with each request; several keep to one for a stretch, so that none pays for what another keeps the server busy with.
func (b *bench) measureSubject(ctx context.Context, s subject, clients int) error {
	b.say("%s creates, %d at once: %d rounds", s.kind, clients, b.createRounds)
	rounds := make([][]float64, len(s.variants)) // the median latency of each variant, by round
	for round := range b.createRounds + 1 {
		took := make([][]time.Duration, len(s.variants))
		if clients == 1 {
			for range b.creates {
				for _, v := range rand.Perm(len(s.variants)) {
					elapsed, err := createOne(ctx, s, s.variants[v])
					if err != nil {
						return err
					}
					took[v] = append(took[v], elapsed)
				}
			}
		} else {
			for _, v := range rand.Perm(len(s.variants)) {
				took[v] = make([]time.Duration, 3*b.creates)
				err := each(ctx, len(took[v]), clients, func(ctx context.Context, i int) (err error) {
					took[v][i], err = createOne(ctx, s, s.variants[v])
					return err
				})
				if err != nil {
					return err
				}
			}
		}
		if round == 0 {
			continue // warms up connections and caches
		}
		for v := range s.variants {
			rounds[v] = append(rounds[v], median(took[v]))
		}
	}
	b.rows = append(b.rows, createRows(s, clients, rounds)...)
	return nil
}

func createOne(ctx context.Context, s subject, v variant) (time.Duration, error) {
	object := s.object(v.namespace)
	start := time.Now()
	if err := v.by.Create(ctx, object, s.options...); err != nil {
		return 0, fmt.Errorf("create a %s (%s): %w", s.kind, v.name, err)
	}
	return time.Since(start), nil
}

// createRows compare each variant with no policy, round by round, and judge the goals.
func createRows(s subject, clients int, rounds [][]float64) []row {
	section := fmt.Sprintf("%s create, %d clients", s.kind, clients)
	if clients == 1 {
		section = s.kind + " create, one client"
	}
	added := map[string]spread{}
	base := spreadOf(rounds[0]).middle
	var rows []row
	for v := 1; v < len(s.variants); v++ {
		name := s.variants[v].name
		added[name] = spreadOf(pairwise(rounds[v], rounds[0], difference))
		rows = append(rows, row{
			what: section + ": " + name, ratio: spreadOf(pairwise(rounds[v], rounds[0], ratio)),
			figures: fmt.Sprintf("%.2f ms to %.2f ms", spreadOf(rounds[v]).middle, base),
		})
	}
	noise := added[noPolicyAgain]
	for i := range rows {
		if (s.kind == podKind || s.kind == storedPod) && s.variants[i+1].name == "`cleared`" {
			rows[i].goal = "nothing measurable"
			rows[i].met = judged(added["`cleared`"].middle <= max(noise.high, 0.02*base))
		}
	}
	if s.kind == podKind || s.kind == storedPod {
		webhook, images := added[doNothing].middle, added["`images`"].middle
		share := row{
			what:    section + ": what `images` adds, to what that webhook adds",
			figures: fmt.Sprintf("%.2f ms to %.2f ms", images, webhook), goal: "< 0.5",
		}
		share.ratio = spread{middle: images / webhook}
		share.met = judged(images < webhook/2)
		rows = append(rows, share)
	}
	return rows
}
