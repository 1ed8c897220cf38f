package statemachine

import (
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/regulation"
)

// people who write. Which offices they hold is drawn; "heads" is a group that may hold one. An administrator of the cluster and
// the operator's own account hold one only where the register says so.
var people = []regulation.Identity{
	{Username: "ann"}, {Username: "ben"}, {Username: "cho"}, {Username: "dan"}, {Username: "eri"},
	{Username: "fay", Groups: []string{"heads"}}, {Username: "gen", Groups: []string{"heads", "system:authenticated"}},
	{Username: "heads"}, {Username: "admin", Groups: []string{"system:masters"}}, {Username: v1alpha1.OperatorUsername}, {},
}

var officers = []v1alpha1.Subject{user("ann"), user("ben"), user("cho"), user("dan"), user("eri"),
	{Kind: v1alpha1.SubjectGroup, Name: "heads"}, user(v1alpha1.OperatorUsername)}

func user(name string) v1alpha1.Subject {
	return v1alpha1.Subject{Kind: v1alpha1.SubjectUser, Name: name}
}

const (
	steering = "steering"
	security = "security"
)

// jst is the time zone of the Regulation.
var jst = time.FixedZone("JST", 9*60*60)

// world is a ward with its people, what stands in its cluster, and what really happened.
type world struct {
	*rapid.T
	*cluster
	past past
	seen map[string]int
	what string
}

func pick[T any](w *world, label string, from ...T) T {
	return rapid.SampledFrom(from).Draw(w.T, label)
}

// oneIn n times something out of the ordinary happens.
func (w *world) oneIn(n int, label string) bool {
	return rapid.IntRange(0, n-1).Draw(w.T, label) == n-1
}

func (w *world) subjects(label string) []v1alpha1.Subject {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(officers), 1, 2, rapid.ID).Draw(w.T, label)
}

func named(name string) v1alpha1.NameReference { return v1alpha1.NameReference{Name: name} }

func pointer[T any](value T) *T { return &value }

// newWorld draws a ward: three departments with sections, a system that デジタル推進課 manages and two that another section
// does, each with its users; and a steering committee that decides, or does not.
func newWorld(t *rapid.T, seen map[string]int) *world {
	w := &world{T: t, cluster: newCluster(time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)), past: newPast(), seen: seen}
	for _, name := range []string{"management", "finance", "welfare"} {
		w.put(&v1alpha1.Department{ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec: v1alpha1.DepartmentSpec{DisplayName: name, Head: v1alpha1.OfficeHolder{Subjects: w.subjects(name)}}})
	}
	for _, section := range [][2]string{{"digital", "management"}, {"tax", "finance"}, {"care", "welfare"}, {"records", "welfare"}} {
		w.put(&v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: section[0]}, Spec: v1alpha1.ManagingSectionSpec{
			DisplayName: section[0], DepartmentRef: pointer(named(section[1])), Members: w.subjects("members"),
			Head: v1alpha1.OfficeHolder{Subjects: w.subjects(section[0])}}})
	}
	for name, section := range map[string]string{"payroll": "digital", "levy": "tax", "toll": "tax"} {
		w.put(&v1alpha1.ElectronicSystem{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.ElectronicSystemSpec{
			DisplayName: name, ManagingSectionRef: pointer(named(section)), Namespaces: []string{name + "-a", name + "-b"},
			UsingSectionRefs: []v1alpha1.NameReference{named("care"), named("tax")}}})
	}
	for _, name := range []string{steering, security} {
		w.put(&v1alpha1.Committee{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: w.seats()})
	}
	w.put(&v1alpha1.Regulation{ObjectMeta: metav1.ObjectMeta{Name: v1alpha1.RegulationName}, Spec: v1alpha1.RegulationSpec{
		TimeZone: "Asia/Tokyo", RatificationDays: pick(w, "days", int32(0), 10), ManagementDepartmentRef: named("management"),
		DigitalPromotionSectionRef: named("digital"), SecurityCommitteeRef: pointer(named(security)),
		SteeringCommitteeRef: pick(w, "committee", pointer(named(steering)), nil)}})
	return w
}

func (w *world) seats() v1alpha1.CommitteeSpec {
	spec := v1alpha1.CommitteeSpec{DisplayName: "委員会", SecretariatRef: named(pick(w, "secretariat", "digital", "records")),
		Quorum: pick(w, "quorum", v1alpha1.QuorumMajority, v1alpha1.QuorumMajority, v1alpha1.QuorumNone, "")}
	for i := range pick(w, "seats", 1, 3, 4, 6) {
		spec.Members = append(spec.Members, v1alpha1.CommitteeMember{Name: fmt.Sprint("seat-", i), Title: "委員"})
	}
	if w.oneIn(3, "ad hoc") {
		spec.AdHocMembers = []v1alpha1.CommitteeMember{{Name: "expert", Title: "臨時"}}
	}
	return spec
}

// who writes: mostly one of those who may, and else anybody.
func (w *world) who(may []v1alpha1.Subject) regulation.Identity {
	entitled := slices.DeleteFunc(slices.Clone(people), func(p regulation.Identity) bool { return !holds(p, may) })
	if len(entitled) == 0 || w.oneIn(5, "somebody else") {
		return pick(w, "who", people...)
	}
	return pick(w, "who", entitled...)
}

func (w *world) regulation() *v1alpha1.RegulationSpec {
	return &w.objects["Regulation/"+v1alpha1.RegulationName].(*v1alpha1.Regulation).Spec
}

func (w *world) section(name string) *v1alpha1.ManagingSectionSpec {
	if section, is := w.objects["ManagingSection/"+name].(*v1alpha1.ManagingSection); is {
		return &section.Spec
	}
	return nil
}

func (w *world) system(name string) *v1alpha1.ElectronicSystemSpec {
	if system, is := w.objects["ElectronicSystem/"+name].(*v1alpha1.ElectronicSystem); is {
		return &system.Spec
	}
	return nil
}

func (w *world) now() time.Time { return w.clock.Now() }

// today in Japan.
func (w *world) today() v1alpha1.Date { return v1alpha1.Date(w.now().In(jst).Format(time.DateOnly)) }
