package controlplane

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/yaml"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/operator"
)

// ownCache keeps what the plugin caches of the API server to a test.
func ownCache(t *testing.T) {
	t.Helper()
	t.Setenv("KUBECACHEDIR", t.TempDir())
}

// answered checks an output and an exit code.
func answered(t *testing.T, output string, code, wanted int, words ...string) {
	t.Helper()
	if code != wanted {
		t.Errorf("exit code %d, wanted %d\n%s", code, wanted, output)
	}
	for _, word := range words {
		if !strings.Contains(output, word) {
			t.Errorf("the output lacks %q:\n%s", word, output)
		}
	}
}

func cioConfig(t *testing.T) *rest.Config {
	t.Helper()
	return configOf(t, "cio", "arakawa:department:management:head")
}

// Deciding, by those who are entitled and by those who are not: each by RBAC, by office, as the applicant, twice, and without
// the operator.
func TestPluginDecides(t *testing.T) {
	ownCache(t)
	s := newSystem(t)
	english := func(config *rest.Config, arguments ...string) (string, int) {
		return pluginExit(t, config, append(arguments, "--lang", "en")...)
	}
	decision := func(name string) v1alpha1.ChangeApprovalStatus {
		return get(t, &v1alpha1.ChangeApproval{}, "", name).Status
	}
	introduction := s.submit(t, s.application("introduction", v1alpha1.ChangeIntroduction, covered)).Name
	cioMember := cioConfig(t)

	t.Run("not entitled", func(t *testing.T) {
		for who, config := range map[string]*rest.Config{
			"the applicant":        configOf(t, s.departmentHead),
			"another office":       configOf(t, s.sectionHead),
			"an administrator":     nil,
			"nobody in particular": configOf(t, s.name+"-nobody"),
		} {
			output, code := english(config, "approve", introduction, "-m", "let me")
			answered(t, output, code, 1, introduction+" was not decided", "第12条・第13条", "the chief information officer",
				"Next: kubectl describe changeapproval "+introduction)
			if got := decision(introduction).Decision; got != "" {
				t.Fatalf("%s decided: %s", who, got)
			}
		}
	})
	t.Run("without the right", func(t *testing.T) {
		output, code := english(anonymous(t), "approve", introduction)
		answered(t, output, code, 1, "was not decided", "kubectl")
	})
	t.Run("wrong usage", func(t *testing.T) {
		for _, arguments := range [][]string{
			{"approve"}, {"deny", introduction}, {"return", introduction}, {"revoke", introduction},
			{"approve", introduction, "--dry-run=client"}, {"approve", introduction, "--lang", "fr"},
			{"approve", introduction, "--nonsense"},
		} {
			if output, code := pluginExit(t, cioMember, arguments...); code != 1 {
				t.Errorf("%v: exit code %d\n%s", arguments, code, output)
			}
		}
		output, code := english(cioMember, "approve", s.name+"-missing")
		answered(t, output, code, 1, "not found", "Next: kubectl get changeapprovals")
		output, code = english(cioMember, "revoke", introduction, "-m", "too early")
		answered(t, output, code, 1, "まだ決定されていない")
		if got := decision(introduction).Decision; got != "" {
			t.Fatalf("decided: %s", got)
		}
	})
	t.Run("a dry run decides nothing", func(t *testing.T) {
		output, code := english(cioMember, "approve", introduction, "--dry-run=server")
		answered(t, output, code, 0, "Approved: "+introduction, "by cio", "held → images")
		if got := decision(introduction).Decision; got != "" {
			t.Fatalf("decided: %s", got)
		}
		must(t, s.hasClearance(t.Context(), v1alpha1.ClearanceHeld))
	})
	t.Run("approve, twice, then revoke", func(t *testing.T) {
		output, code := english(cioMember, "approve", introduction, "-m", "by the committee")
		answered(t, output, code, 0, "Approved: "+introduction, "試験システム", string(covered), "by cio, as the chief information officer",
			"by the committee", "namespace "+s.name+": held → images")
		if got := decision(introduction); got.DecidedBy != "cio" || got.DecisionReason != "by the committee" {
			t.Errorf("recorded: %+v", got)
		}
		s.becomes(t, v1alpha1.ClearanceImages, v1alpha1.ReasonApproved)
		output, code = english(cioMember, "approve", introduction)
		answered(t, output, code, 0, introduction, "cio")
		output, code = english(cioMember, "deny", introduction, "-m", "after all")
		answered(t, output, code, 1, "変えることはできません")

		output, code = pluginExit(t, cioMember, "revoke", introduction, "-m", "事故のため", "--lang", "ja")
		answered(t, output, code, 0, introduction, "事故のため", "images → held", "情報統括責任者")
		s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonRevoked)
	})
	t.Run("deny and return, several at once, one of which is missing", func(t *testing.T) {
		denied := s.submit(t, s.application("denied", v1alpha1.ChangeIntroduction)).Name
		returned := s.submit(t, s.application("returned", v1alpha1.ChangeIntroduction)).Name
		output, code := english(cioMember, "deny", denied, "-m", "no need")
		answered(t, output, code, 0, "Denied: "+denied, "no need", "試験部長")
		output, code = english(cioMember, "return", s.name+"-missing", returned, "-m", "costs are missing")
		answered(t, output, code, 1, "Returned: "+returned, s.name+"-missing was not decided")
		for name, wanted := range map[string]v1alpha1.Decision{denied: v1alpha1.DecisionDenied, returned: v1alpha1.DecisionReturned} {
			if got := decision(name).Decision; got != wanted {
				t.Errorf("%s is %q, wanted %s", name, got, wanted)
			}
		}
	})
	t.Run("without the operator", func(t *testing.T) {
		late := s.submit(t, s.application("late", v1alpha1.ChangeIntroduction)).Name
		stopOperator(t)
		output, code := english(cioMember, "approve", late)
		answered(t, output, code, 1, late+" was not decided", "Kitei, which attests who decides, does not answer",
			"kubectl get pods -n kitei-system")
	})
}

// anonymous reaches the API server without proving to be anybody, and so without a right from RBAC.
func anonymous(t *testing.T) *rest.Config {
	t.Helper()
	config := configOf(t, "anonymous")
	config.CertData, config.KeyData, config.CertFile, config.KeyFile = nil, nil, "", ""
	return config
}

// explanation is what the tests read of "why -o json".
type explanation struct {
	Answer          string   `json:"answer"`
	Reason          string   `json:"reason"`
	Article         string   `json:"article"`
	Message         string   `json:"message"`
	Next            string   `json:"next"`
	UncoveredImages []string `json:"uncoveredImages"`
	MustAct         []struct {
		Role string `json:"role"`
	} `json:"mustAct"`
	Waiting []struct {
		Name   string   `json:"name"`
		Covers []string `json:"covers"`
	} `json:"waiting"`
	Recorded *struct {
		Clearance string `json:"clearance"`
	} `json:"recorded"`
	Register *struct {
		Clearance string `json:"clearance"`
		Reason    string `json:"reason"`
	} `json:"register"`
	Pods *struct {
		All  int `json:"all"`
		Held int `json:"held"`
	} `json:"pods"`
	Notes []string `json:"notes"`
}

// why asks the plugin in both languages and in JSON, and returns the last. The headline is what the other two begin with.
func (s *system) why(t *testing.T, english, japanese string, arguments ...string) explanation {
	t.Helper()
	ask := func(more ...string) string {
		all := append([]string{"why", "-n", s.name}, append(slices.Clone(arguments), more...)...)
		return plugin(t, nil, all...)
	}
	for language, headline := range map[string]string{"en": english, "ja": japanese} {
		first, _, _ := strings.Cut(ask("--lang", language), "\n")
		if !strings.HasSuffix(first, ": "+headline) {
			t.Errorf("%v in %s: %q, wanted %q", arguments, language, first, headline)
		}
	}
	var answer explanation
	must(t, json.Unmarshal([]byte(ask("--lang", "en", "-o", "json")), &answer))
	return answer
}

// is checks the word, the reason and what to do next.
func (e explanation) is(t *testing.T, answer string, reason v1alpha1.ClearanceReason, next string) {
	t.Helper()
	if e.Answer != answer || e.Reason != string(reason) || !strings.Contains(e.Next, next) {
		t.Errorf("got %s %s, next %q; wanted %s %s, next %q: %s", e.Answer, e.Reason, e.Next, answer, reason, next, e.Message)
	}
}

// A namespace, its Deployment and its Pod, through the life of a system.
func TestPluginSaysWhy(t *testing.T) {
	ownCache(t)
	s := newSystem(t)
	must(t, env.admin.Create(t.Context(), s.deployment(web, 2)))
	must(t, env.admin.Create(t.Context(), s.pod("bare", web)))
	s.havePods(t, 3, 0)

	for _, object := range []string{"", "deployment/web", "pod/bare", "namespace/" + s.name} {
		e := s.why(t, "HELD", "保留", given(object)...)
		e.is(t, "Held", v1alpha1.ReasonNotApproved, "kubectl get changeapprovals")
		if e.Article != "12" || len(e.MustAct) != 1 || e.MustAct[0].Role != string(v1alpha1.RoleDepartmentHead) {
			t.Errorf("%s: article %s, must act %v", object, e.Article, e.MustAct)
		}
		if object == "deployment/web" && (e.Pods == nil || e.Pods.All != 2 || e.Pods.Held != 2) {
			t.Errorf("counts %+v", e.Pods)
		}
	}
	application := s.submit(t, s.application("introduction", v1alpha1.ChangeIntroduction, covered)).Name
	eventually(t, "the application is on the namespace", func(ctx context.Context) error { return s.speaks(ctx, application) })
	e := s.why(t, "HELD", "保留")
	e.is(t, "Held", v1alpha1.ReasonNotApproved, "kubectl kitei approve "+application)
	if len(e.MustAct) != 1 || e.MustAct[0].Role != string(v1alpha1.RoleChiefInformationOfficer) {
		t.Errorf("must act %v", e.MustAct)
	}

	must(t, decide(cio(t), application, v1alpha1.DecisionApproved))
	s.becomes(t, v1alpha1.ClearanceImages, v1alpha1.ReasonApproved)
	s.havePods(t, 0, 3)
	s.why(t, "MAY RUN", "動いてよい", "deployment/web").is(t, "Allowed", v1alpha1.ReasonApproved, "")
	s.why(t, "NOT HELD by Kitei", "Kitei は止めていません", "pod/bare").is(t, "NotHeld", v1alpha1.ReasonApproved, "")

	t.Run("an image that is not covered", func(t *testing.T) {
		const next = "registry.example/tax/web:2.0.0"
		withoutPolicy(t, "kitei-workloads", func() { // as if it stood there from before its approval
			other := s.workloads("next", "3B/2/2")["deployment"]
			eventually(t, "the Deployment is let in", func(ctx context.Context) error {
				return env.admin.Create(ctx, withImage(t, other, next))
			})
		})
		e := s.why(t, "REFUSED", "拒否", "deployment", "next")
		e.is(t, "Refused", v1alpha1.ReasonImageNotCovered, "kubectl explain changeapproval.spec")
		if !slices.Equal(e.UncoveredImages, []string{next}) {
			t.Errorf("uncovered: %v", e.UncoveredImages)
		}
		modification := s.submit(t, s.application("modification", v1alpha1.ChangeModification, "registry.example/tax/web:2.*")).Name
		e = s.why(t, "REFUSED", "拒否", "deployment", "next")
		e.is(t, "Refused", v1alpha1.ReasonImageNotCovered, "kubectl kitei approve "+modification)
		if len(e.Waiting) != 1 || e.Waiting[0].Name != modification || !slices.Equal(e.Waiting[0].Covers, []string{next}) {
			t.Errorf("waiting: %+v", e.Waiting)
		}
	})
	t.Run("revoked", func(t *testing.T) {
		must(t, decide(cio(t), application, v1alpha1.DecisionRevoked))
		s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonRevoked)
		s.why(t, "HELD", "保留", "deployment/web").is(t, "Held", v1alpha1.ReasonRevoked, "kubectl describe changeapproval "+application)
		s.why(t, "NOT HELD by Kitei", "Kitei は止めていません", "pod/bare").is(t, "NotHeld", v1alpha1.ReasonRevoked, "")
	})
	t.Run("expired", func(t *testing.T) {
		brief := s.application("brief", v1alpha1.ChangeIntroduction)
		end := metav1.NewTime(time.Now().Add(2 * time.Second))
		brief.Spec.Scope.NotAfter = &end
		must(t, decide(cio(t), s.submit(t, brief).Name, v1alpha1.DecisionApproved))
		s.becomes(t, v1alpha1.ClearanceHeld, v1alpha1.ReasonExpired)
		s.why(t, "HELD", "保留").is(t, "Held", v1alpha1.ReasonExpired, "kubectl describe changeapproval "+brief.Name)
	})
	t.Run("several objects", func(t *testing.T) {
		var list struct {
			Items []explanation `json:"items"`
		}
		output := plugin(t, nil, "why", "deployments", "web", "next", "-n", s.name, "-o", "json")
		must(t, json.Unmarshal([]byte(output), &list))
		if len(list.Items) != 2 || list.Items[0].Answer != "Held" || list.Items[1].Answer != "Held" {
			t.Errorf("got %+v", list.Items)
		}
	})
	t.Run("any image", func(t *testing.T) {
		must(t, decide(cio(t), s.submit(t, s.application("any", v1alpha1.ChangeIntroduction)).Name, v1alpha1.DecisionApproved))
		s.becomes(t, v1alpha1.ClearanceCleared, v1alpha1.ReasonApproved)
		for _, object := range []string{"", "deployment/next"} {
			s.why(t, "MAY RUN", "動いてよい", given(object)...).is(t, "Allowed", v1alpha1.ReasonApproved, "")
		}
	})
	t.Run("what cannot be explained", func(t *testing.T) {
		output, code := pluginExit(t, nil, "why", "deployment/missing", "-n", s.name, "--lang", "en")
		answered(t, output, code, 1, "not found")
		output, code = pluginExit(t, nil, "why", "-n", s.name+"-missing", "--lang", "en")
		answered(t, output, code, 1, "does not exist", "Next: kubectl get ns")
		output, code = pluginExit(t, nil, "why", "serviceaccount/default", "-n", s.name, "--lang", "en")
		answered(t, output, code, 1, "defines no Pods")
		output, code = pluginExit(t, nil, "why", "-n", s.name, "-o", "toml")
		answered(t, output, code, 1, "toml")
	})
}

// given is the arguments for an object; none for the namespace.
func given(object string) []string {
	if object == "" {
		return nil
	}
	return []string{object}
}

// Namespaces of no system, of the control plane, exempt ones, and those that a stopped operator has not seen or is behind on.
func TestPluginSaysWhyOfNamespaces(t *testing.T) {
	ownCache(t)
	(&system{name: "kube-system"}).why(t, "NOT GOVERNED by Kitei", "Kitei の対象外").is(t, "NotGoverned", "", "")
	exempt := newSystem(t)
	must(t, relabel(t, env.admin, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: exempt.name}}, v1alpha1.LabelExempt, "true"))
	exempt.why(t, "NOT GOVERNED by Kitei", "Kitei の対象外").is(t, "NotGoverned", "", "")

	unregistered := &system{name: exempt.name + "-unregistered"}
	must(t, env.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: unregistered.name}}))
	unregistered.becomes(t, v1alpha1.ClearanceDenied, v1alpha1.ReasonUnregisteredNamespace)
	e := unregistered.why(t, "REFUSED", "拒否")
	e.is(t, "Refused", v1alpha1.ReasonUnregisteredNamespace, "kubectl get electronicsystems")
	if e.Article != "4" {
		t.Errorf("article %s", e.Article)
	}

	// A section that is abolished while the operator is away: the register is ahead of the record.
	behind := newSystem(t)
	behind.introduce(t)
	stopOperator(t)
	must(t, env.admin.Delete(t.Context(), &v1alpha1.ManagingSection{ObjectMeta: metav1.ObjectMeta{Name: behind.name}}))
	e = behind.why(t, "MAY RUN", "動いてよい") // the API server lets it run
	e.is(t, "Allowed", v1alpha1.ReasonApproved, "kubectl get pods -n kitei-system")
	if e.Register == nil || e.Register.Clearance != "held" || e.Register.Reason != string(v1alpha1.ReasonNoManagingSection) ||
		!strings.Contains(strings.Join(e.Notes, " "), "behind or stopped") {
		t.Errorf("register %+v, notes %q", e.Register, e.Notes)
	}
	unseen := &system{name: exempt.name + "-unseen"}
	must(t, env.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: unseen.name}}))
	e = unseen.why(t, "REFUSED", "拒否")
	e.is(t, "Refused", "", "kubectl get pods -n kitei-system")
	if !strings.Contains(strings.Join(e.Notes, " "), "denied") {
		t.Errorf("notes %q", e.Notes)
	}
}

// A reader without rights to the register is told what is recorded on the namespace, and that it is only that.
func TestPluginWithoutTheRegister(t *testing.T) {
	ownCache(t)
	s := newSystem(t)
	application := s.submit(t, s.application("introduction", v1alpha1.ChangeIntroduction, covered)).Name
	eventually(t, "the application is on the namespace", func(ctx context.Context) error { return s.speaks(ctx, application) })
	must(t, env.admin.Create(t.Context(), s.deployment(web, 1)))
	s.havePods(t, 1, 0)
	reader := s.readerOfNamespaces(t)
	var e explanation
	output := plugin(t, reader, "why", "deployment/web", "-n", s.name, "-o", "json", "--lang", "en")
	must(t, json.Unmarshal([]byte(output), &e))
	e.is(t, "Held", v1alpha1.ReasonNotApproved, "kubectl kitei approve "+application)
	notes := strings.Join(e.Notes, " ")
	if !strings.Contains(notes, "the register could not be read") || !strings.Contains(notes, "cannot") {
		t.Errorf("notes %q", e.Notes)
	}
	file := manifest(t, s.deployment(web, 1), s.deployment(evil, 1))
	output, code := pluginExit(t, reader, "check", "-f", file, "--lang", "en")
	answered(t, output, code, 1, "HELD", "You may not ask the API server for a dry run")
}

// readerOfNamespaces may read namespaces, workloads and Pods, and nothing of the register. Everybody who is anybody has the
// rights of the tests' group, so this reader is nobody.
func (s *system) readerOfNamespaces(t *testing.T) *rest.Config {
	t.Helper()
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: s.name + "-reader"}, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"namespaces", "pods"}, Verbs: []string{"get", "list"}},
		{APIGroups: []string{"apps"}, Resources: []string{"deployments"}, Verbs: []string{"get", "list"}},
		{NonResourceURLs: []string{"/api", "/api/*", "/apis", "/apis/*"}, Verbs: []string{"get"}},
	}}
	binding := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: role.Name},
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "system:anonymous"}}}
	must(t, env.admin.Create(t.Context(), role))
	must(t, env.admin.Create(t.Context(), binding))
	t.Cleanup(func() { _ = env.admin.Delete(context.Background(), binding) })
	reader := anonymous(t)
	eventually(t, "the reader may read", func(context.Context) error {
		if output, code := pluginExit(t, reader, "why", "deployment/web", "-n", s.name); code != 0 {
			return errors.New(output)
		}
		return nil
	})
	return reader
}

// manifest writes objects to a file.
func manifest(t *testing.T, objects ...client.Object) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "manifest.yaml")
	must(t, os.WriteFile(path, documents(t, objects...), 0o600))
	return path
}

func documents(t *testing.T, objects ...client.Object) []byte {
	t.Helper()
	var all [][]byte
	for _, object := range objects {
		gvk, err := apiutil.GVKForObject(object, operator.Scheme())
		must(t, err)
		object.GetObjectKind().SetGroupVersionKind(gvk)
		content, err := yaml.Marshal(object)
		must(t, err)
		all = append(all, content)
	}
	return bytes.Join(all, []byte("---\n"))
}

// withImage gives a workload another image.
func withImage(t *testing.T, object client.Object, image string) client.Object {
	t.Helper()
	content, err := json.Marshal(object)
	must(t, err)
	copied := object.DeepCopyObject().(client.Object)
	must(t, json.Unmarshal(bytes.ReplaceAll(content, []byte(web), []byte(image)), copied))
	return copied
}

// withoutPolicy takes the binding of a policy away while do runs.
func withoutPolicy(t *testing.T, name string, do func()) {
	t.Helper()
	binding := get(t, bindingOf(name), "", name)
	must(t, env.admin.Delete(t.Context(), binding.DeepCopy()))
	defer func() {
		binding.SetResourceVersion("")
		binding.SetUID("")
		if err := env.admin.Create(context.Background(), binding); err != nil {
			t.Fatalf("put the policy back: %v", err)
		}
	}()
	do()
}

func bindingOf(name string) *unstructuredObject {
	binding := &unstructuredObject{}
	binding.SetAPIVersion("admissionregistration.k8s.io/v1")
	binding.SetKind("ValidatingAdmissionPolicyBinding")
	binding.SetName(name)
	return binding
}
