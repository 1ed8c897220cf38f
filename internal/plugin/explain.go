package plugin

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/clearance"
	"kitei.dev/kitei/internal/message"
	"kitei.dev/kitei/internal/procedure"
	"kitei.dev/kitei/internal/regulation"
)

// Answer says in one word what becomes of what was asked about.
type Answer string

const (
	// AnswerNotGoverned: the namespace is outside Kitei's reach.
	AnswerNotGoverned Answer = "NotGoverned"
	// AnswerAllowed: it may run.
	AnswerAllowed Answer = "Allowed"
	// AnswerHeld: its new Pods wait for an approval, or the Pod does.
	AnswerHeld Answer = "Held"
	// AnswerRefused: its new Pods are refused.
	AnswerRefused Answer = "Refused"
	// AnswerHeldByOthers: the Pod waits for scheduling gates that are not Kitei's.
	AnswerHeldByOthers Answer = "HeldByOthers"
	// AnswerNotHeld: nothing of Kitei's holds the Pod.
	AnswerNotHeld Answer = "NotHeld"
)

// Explanation answers "kubectl kitei why". Its JSON is stable.
type Explanation struct {
	// Namespace asked about, or of the object.
	Namespace string `json:"namespace"`
	// Object asked about, if any.
	Object *ObjectName `json:"object,omitempty"`
	// Answer in one word.
	Answer Answer `json:"answer"`
	// Reason of the answer, where Kitei has one.
	Reason v1alpha1.ClearanceReason `json:"reason,omitempty"`
	// Article of the regulation that says so.
	Article string `json:"article,omitempty"`
	// Message says what, why and who must act.
	Message string `json:"message,omitempty"`
	// MustAct are the offices that must act, with those who hold them.
	MustAct []Actor `json:"mustAct,omitempty"`
	// Next command to run.
	Next string `json:"next,omitempty"`
	// UncoveredImages are the object's images that no approval in effect covers.
	UncoveredImages []string `json:"uncoveredImages,omitempty"`
	// Waiting are the applications that would cover one of them.
	Waiting []Application `json:"waiting,omitempty"`
	// Recorded on the namespace: what the API server enforces now.
	Recorded *Standing `json:"recorded,omitempty"`
	// Register says something else by now; absent where it says the same.
	Register *Standing `json:"register,omitempty"`
	// Differs names what differs between the two.
	Differs []string `json:"differs,omitempty"`
	// Pods of the object, counted.
	Pods *PodCount `json:"pods,omitempty"`
	// Notes on what else is to be known.
	Notes []string `json:"notes,omitempty"`
}

// ObjectName names an object of the namespace.
type ObjectName struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// Actor is an office with those who hold it.
type Actor struct {
	Role     v1alpha1.OfficeRole `json:"role"`
	Title    string              `json:"title,omitempty"`
	Subjects []v1alpha1.Subject  `json:"subjects,omitempty"`
}

// PodCount counts the Pods of a workload or a namespace.
type PodCount struct {
	All          int `json:"all"`
	Held         int `json:"held"`
	HeldByOthers int `json:"heldByOthers"`
}

// operatorPods is the command that shows whether the operator runs.
const operatorPods = "kubectl get pods -n " + v1alpha1.OperatorNamespace

// question is what is asked about a namespace.
type question struct {
	object *ObjectName
	// spec of the object's Pods; nil to ask about the namespace as a whole.
	spec *corev1.PodSpec
	// images of the spec.
	images []string
	// pod asked about, if it is one that exists.
	pod *corev1.Pod
}

// explain answers a question about a namespace from what is known of it. It is pure.
func explain(at place, asked question, p message.Printer) Explanation {
	e := Explanation{Namespace: at.name, Object: asked.object}
	if at.exists {
		e.Recorded = &at.recorded
	}
	if !clearance.Governed(at.name, at.labels) {
		e.Answer, e.Recorded = AnswerNotGoverned, nil
		e.Message = p.Say(message.PluginExempt, at.name)
		if slices.Contains(v1alpha1.UngovernedNamespaces(), at.name) {
			e.Message = p.Say(message.PluginUngoverned, at.name)
		}
		explainPod(&e, asked.pod, p)
		return e
	}
	standing := at.enforced()
	switch {
	case !standing.seen():
		explainUnseen(&e, at, p)
	case standing.Clearance == v1alpha1.ClearanceImages && asked.spec != nil:
		explainImages(&e, at, standing.uncovered(asked.images), p)
	default:
		explainStanding(&e, at, p)
	}
	explainRegister(&e, at, p)
	explainPod(&e, asked.pod, p)
	return e
}

// explainUnseen answers for a namespace that the operator has not seen: nothing starts there.
func explainUnseen(e *Explanation, at place, p message.Printer) {
	if notInstalled(at.unread) {
		e.Answer, e.Message, e.Next = AnswerNotGoverned, p.Say(message.PluginNotInstalled), "kubectl api-resources --api-group="+
			v1alpha1.GroupVersion.Group
		return
	}
	e.Answer, e.Article = AnswerRefused, "4"
	e.Message, e.Next = splitNext(p.Say(message.PolicyUnseen))
	if at.register != nil {
		standing := at.register.standing()
		text := clearance.Explain(at.register.verdict, at.register.organisation(), p.Language)
		e.Notes = append(e.Notes, p.Say(message.PluginNotRecorded, at.name, string(standing.Clearance), text))
	}
}

// explainStanding answers by the clearance alone.
func explainStanding(e *Explanation, at place, p message.Printer) {
	standing := at.enforced()
	e.Reason = standing.Reason
	switch standing.Clearance {
	case v1alpha1.ClearanceCleared, v1alpha1.ClearanceObserved, v1alpha1.ClearanceImages:
		e.Answer = AnswerAllowed
	case v1alpha1.ClearanceHeld:
		e.Answer = AnswerHeld
		if at.cannotHold() {
			e.Answer = AnswerRefused
		}
	case v1alpha1.ClearanceDenied:
		e.Answer = AnswerRefused
	}
	sentence := standing.Message
	if at.register != nil && len(at.differs()) == 0 {
		// The register says the same: say it in the reader's language.
		sentence = clearance.Explain(at.register.verdict, at.register.organisation(), p.Language)
		e.MustAct = actors(offices(at.register))
	}
	e.Article = article(e.Reason)
	e.Message, e.Next = splitNext(sentence)
}

// article of the regulation that a reason rests on.
func article(reason v1alpha1.ClearanceReason) string {
	switch reason {
	case v1alpha1.ReasonNoRegulation:
		return "1"
	case v1alpha1.ReasonUnregisteredNamespace, v1alpha1.ReasonNoManagingSection:
		return "4"
	case v1alpha1.ReasonApproved, v1alpha1.ReasonNotApproved, v1alpha1.ReasonNotYetInEffect, v1alpha1.ReasonImageNotCovered,
		v1alpha1.ReasonExpired, v1alpha1.ReasonRevoked, v1alpha1.ReasonTooManyImages, v1alpha1.ReasonUnratified,
		v1alpha1.ReasonNamespaceNotCovered:
		return "12"
	case v1alpha1.ReasonConsentMissing:
		return "14"
	}
	return ""
}

// offices that must act for a namespace that is not approved; none where that is nobody's office, or nothing is to be done.
func offices(v *view) []regulation.Office {
	verdict := v.verdict.System
	switch v.verdict.Reason {
	case v1alpha1.ReasonConsentMissing:
		return consenters(verdict.Decisive, v.organisation())
	case v1alpha1.ReasonNotApproved, v1alpha1.ReasonExpired, v1alpha1.ReasonRevoked, v1alpha1.ReasonUnratified:
		if verdict.State == clearance.StatePending && len(verdict.Decisive.MissingConsents()) > 0 {
			return consenters(verdict.Decisive, v.organisation())
		}
		if verdict.State == clearance.StatePending {
			return v.organisation().Deciders(verdict.System, verdict.Decisive.Application.Spec.Type)
		}
		return v.organisation().Applicants(verdict.System, v1alpha1.ChangeIntroduction)
	case v1alpha1.ReasonTooManyImages, v1alpha1.ReasonNamespaceNotCovered:
		return v.organisation().Applicants(verdict.System, v1alpha1.ChangeModification)
	case v1alpha1.ReasonApproved, v1alpha1.ReasonUnregisteredNamespace, v1alpha1.ReasonNoManagingSection,
		v1alpha1.ReasonNotYetInEffect, v1alpha1.ReasonImageNotCovered, v1alpha1.ReasonNoRegulation:
	}
	return nil
}

// consenters are the heads of the sections that have yet to consent (article 14).
func consenters(papers *procedure.Case, organisation regulation.Organisation) []regulation.Office {
	var offices []regulation.Office
	for _, missing := range papers.MissingConsents() {
		offices = append(offices, organisation.DataSectionHead(&missing.Use.SectionRef)...)
	}
	return offices
}

func actors(offices []regulation.Office) []Actor {
	var list []Actor
	for _, office := range offices {
		list = append(list, Actor{Role: office.Role, Title: office.Title, Subjects: office.Subjects})
	}
	return list
}

// explainRegister says where the register says otherwise than the record, or could not be read, and what it knows of the
// enforcement.
func explainRegister(e *Explanation, at place, p message.Printer) {
	if at.register == nil {
		if at.unread != nil && e.Answer != AnswerNotGoverned {
			e.Notes = append(e.Notes, p.Say(message.PluginNoRegister, plain(at.unread, p)))
		}
		return
	}
	if e.Differs = at.differs(); len(e.Differs) > 0 {
		standing := at.register.standing()
		e.Register = &standing
		if at.recorded.seen() {
			e.Notes = append(e.Notes, behind(at, standing, e.Differs, p))
			e.Next, e.MustAct = operatorPods, nil // whatever the record asks for may be done already
		}
	}
	switch reason, text := at.register.notEnforced(); reason {
	case "":
	case v1alpha1.ReasonHoldUnavailable:
		if e.Reason != v1alpha1.ReasonApproved {
			e.Notes = append(e.Notes, p.Say(message.PluginHoldUnavailable))
		}
	default:
		e.Notes = append(e.Notes, p.Say(message.PluginNotEnforced, text))
	}
}

// behind says that the record is older than the register.
func behind(at place, now Standing, differs []string, p message.Printer) string {
	sentence := clearance.Explain(at.register.verdict, at.register.organisation(), p.Language)
	if slices.Equal(differs, []string{"message"}) {
		return p.Say(message.PluginBehindWords, sentence)
	}
	word := func(s Standing) string {
		return p.Say(message.PluginClearanceIs, string(s.Clearance), string(s.Reason))
	}
	return p.Say(message.PluginBehind, word(at.recorded), word(now), sentence)
}

// gates of a Pod: whether Kitei's is among them, and the others by name.
func gates(pod *corev1.Pod) (ours bool, others []string) {
	for _, gate := range pod.Spec.SchedulingGates {
		if gate.Name == v1alpha1.SchedulingGate {
			ours = true
		} else {
			others = append(others, gate.Name)
		}
	}
	return ours, others
}

// explainPod narrows the answer to a Pod that exists: what counts is the gates that it carries.
func explainPod(e *Explanation, pod *corev1.Pod, p message.Printer) {
	if pod == nil {
		return
	}
	ours, others := gates(pod)
	may := e.Answer == AnswerAllowed || e.Answer == AnswerNotGoverned
	switch {
	case ours && may:
		e.Answer, e.Next = AnswerHeld, operatorPods
		e.Notes = append(e.Notes, e.Message)
		e.Message, e.MustAct = p.Say(message.PluginGateStale), nil
	case ours:
		e.Answer = AnswerHeld
	case len(others) > 0:
		e.Answer, e.Reason, e.Article, e.MustAct = AnswerHeldByOthers, "", "", nil
		e.Notes = append(e.Notes, e.Message)
		e.Message = p.Say(message.PluginForeignGates, strings.Join(others, ", "))
		e.Next = describe(pod)
	case e.Answer == AnswerNotGoverned:
	case pod.Status.Phase == corev1.PodPending && pod.Spec.NodeName == "":
		e.Answer, e.Notes = AnswerNotHeld, append(e.Notes, e.Message)
		e.Message, e.Next, e.MustAct = p.Say(message.PluginPodPending), describe(pod), nil
	case may:
		e.Answer, e.Notes = AnswerNotHeld, append(e.Notes, e.Message)
		e.Message, e.Next = p.Say(message.PluginPodRuns, string(pod.Status.Phase)), ""
	default:
		e.Answer, e.Notes = AnswerNotHeld, append(e.Notes, e.Message)
		e.Message = p.Say(message.PluginPodRunsUncleared, string(pod.Status.Phase))
	}
	if ours && len(others) > 0 {
		e.Notes = append(e.Notes, p.Say(message.PluginForeignToo, strings.Join(others, ", ")))
	}
}

func describe(pod *corev1.Pod) string {
	return fmt.Sprintf("kubectl describe pod -n %s %s", pod.Namespace, pod.Name)
}
