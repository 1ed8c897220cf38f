package controlplane

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// manifest of an application as a person keeps it in a file: without the stamp, and with times as they write them.
func (b *bureau) manifest(t *testing.T, name, stage string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name+".yaml")
	must(t, os.WriteFile(path, []byte(fmt.Sprintf(`
apiVersion: governance.kitei.dev/v1alpha1
kind: ChangeApproval
metadata: {name: %s}
spec:
  systemRef: {name: %s}
  type: Introduction
  title: 税務システムの導入
  fiscalYear: 2100
  criteria: {residentWelfare: 待ち時間が減る, administrativeEfficiency: 転記がなくなる, personalInformationProtection: 適合する}
  scope:
    images: ["registry.example/tax/web:1.*", "registry.example/tax/batch"]
    notBefore: "2026-04-01T00:00:00+09:00"
    notAfter: "2031-03-31T23:59:59.5+09:00"
  stage: %s
`, name, b.name, stage)), 0o600))
	return path
}

// A manifest does not know the stamp. Applying or replacing it again, as GitOps does all day, changes nothing and is no error.
func TestManifestIsAppliedAgain(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	head := configOf(t, b.officers[departmentHead].username)
	for name, apply := range map[string][]string{
		"apply":             {"apply", "-f"},
		"server-side apply": {"apply", "--server-side", "-f"},
		"replace":           {"replace", "-f"},
	} {
		t.Run(name, func(t *testing.T) {
			application := fmt.Sprintf("%s-again-%d", b.name, serial.Add(1))
			draft, submitted := b.manifest(t, application, "Draft"), b.manifest(t, application, "Submitted")
			first := apply
			if name == "replace" {
				first = []string{"create", "-f"}
			}
			for i, step := range [][]string{append(first[:len(first):len(first)], draft), append(apply[:len(apply):len(apply)], submitted),
				append(apply[:len(apply):len(apply)], submitted), append(apply[:len(apply):len(apply)], submitted)} {
				if output, code := kubectl(t, head, step...); code != 0 {
					t.Fatalf("step %d, kubectl %v: %s", i, step, output)
				}
				settledApplication(t, application) // "replace" would meet a conflict with the operator's conditions
			}
			was := settledApplication(t, application)
			if was.Spec.Submission == nil || was.Spec.Submission.By != b.officers[departmentHead].username {
				t.Fatalf("submitted as %+v", was.Spec.Submission)
			}
			must(t, decide(b.as(theCIO), application, v1alpha1.DecisionApproved))
			was = settledApplication(t, application)
			for _, who := range []string{departmentHead, anybody} { // it changes nothing, so that it is anybody's to do
				if output, code := kubectl(t, configOf(t, b.officers[who].username),
					append(apply[:len(apply):len(apply)], submitted)...); code != 0 {
					t.Errorf("%s again, by %s: %s", name, who, output)
				}
			}
			unchanged(t, was)
			if is := get(t, &v1alpha1.ChangeApproval{}, "", application); is.Generation != was.Generation {
				t.Errorf("the generation went from %d to %d: the decision would be unattested", was.Generation, is.Generation)
			}
			// The draft's manifest is another matter: it would take the application back.
			output, code := kubectl(t, head, append(apply[:len(apply):len(apply)], draft)...)
			if code == 0 || !strings.Contains(output, "第12条") {
				t.Errorf("a submitted application was taken back: %s", output)
			}
			unchanged(t, was)
		})
	}
}

// The ways in which people flip a decision with kubectl alone.
func TestKubectlDecides(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	decider, outsider := configOf(t, b.officers[theCIO].username), configOf(t, b.officers[anybody].username)
	editor := filepath.Join(t.TempDir(), "editor")
	must(t, os.WriteFile(editor, []byte(`#!/bin/sh
exec sed -i 's/^status:$/status:\n  decision: Approved\n  decisionReason: 必要と認める/' "$1"
`), 0o700))
	t.Setenv("KUBE_EDITOR", editor)
	for name, arguments := range map[string]func(application string) []string{
		"patch": func(a string) []string {
			return []string{"patch", "changeapproval", a, "--subresource=status", "--type=merge",
				"-p", `{"status":{"decision":"Approved","decisionReason":"必要と認める"}}`}
		},
		"json patch": func(a string) []string {
			return []string{"patch", "ca", a, "--subresource=status", "--type=json",
				"-p", `[{"op":"add","path":"/status/decision","value":"Approved"},{"op":"add","path":"/status/decisionReason","value":"必要と認める"}]`}
		},
		"edit": func(a string) []string { return []string{"edit", "changeapproval", a, "--subresource=status"} },
	} {
		t.Run(name, func(t *testing.T) {
			application := b.submitted(t)
			output, code := kubectl(t, outsider, arguments(application.Name)...)
			if code == 0 || !strings.Contains(output, "情報統括責任者（管理部長）") {
				t.Errorf("an outsider: %s", output)
			}
			unchanged(t, application)
			if output, code := kubectl(t, decider, arguments(application.Name)...); code != 0 {
				t.Fatal(output)
			}
			status := get(t, &v1alpha1.ChangeApproval{}, "", application.Name).Status
			if status.Decision != v1alpha1.DecisionApproved || status.DecidedBy != b.officers[theCIO].username ||
				status.DecisionReason != "必要と認める" {
				t.Errorf("decided: %+v", status)
			}
		})
	}
	t.Run("without the subresource", func(t *testing.T) { // the API server drops what is not the spec: nothing is decided
		application := b.submitted(t)
		_, _ = kubectl(t, decider, "patch", "changeapproval", application.Name, "--type=merge", "-p", `{"status":{"decision":"Approved"}}`)
		unchanged(t, application)
	})
}

// A dry run is judged and stamped as the request itself would be, and leaves nothing behind.
func TestDryRun(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	application := b.application(v1alpha1.ChangeIntroduction)
	tried := application.DeepCopy()
	must(t, b.as(departmentHead).Create(t.Context(), tried, client.DryRunAll))
	if s := tried.Spec.Submission; s == nil || s.By != b.officers[departmentHead].username || s.As != v1alpha1.RoleDepartmentHead {
		t.Errorf("a dry run is stamped %+v", s)
	}
	if err := env.admin.Get(t.Context(), client.ObjectKeyFromObject(application), &v1alpha1.ChangeApproval{}); !apierrors.IsNotFound(err) {
		t.Errorf("a dry run left something behind: %v", err)
	}
	tryErr := b.as(anybody).Create(t.Context(), application.DeepCopy(), client.DryRunAll)
	err := b.as(anybody).Create(t.Context(), application.DeepCopy())
	if tryErr == nil || err == nil || tryErr.Error() != err.Error() {
		t.Errorf("a dry run says %v, and the request %v", tryErr, err)
	}

	must(t, b.as(departmentHead).Create(t.Context(), application))
	was := settledApplication(t, application.Name)
	answer := &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: application.Name}}
	must(t, tryStatus(t, b.as(theCIO), answer, map[string]any{"decision": "Approved"}))
	if s := answer.Status; s.DecidedBy != b.officers[theCIO].username || s.DecidedAs != v1alpha1.RoleChiefInformationOfficer ||
		s.DecidedAt == nil || s.DecidedGeneration != was.Generation {
		t.Errorf("a dry run of a decision is stamped %+v", s)
	}
	tryErr = flip(b.as(anybody), was.Name, v1alpha1.DecisionApproved, client.DryRunAll)
	if err := flip(b.as(anybody), was.Name, v1alpha1.DecisionApproved); tryErr == nil || err == nil || tryErr.Error() != err.Error() {
		t.Errorf("a dry run says %v, and the request %v", tryErr, err)
	}
	unchanged(t, was)
	refused(t, b.as(departmentHead).Delete(t.Context(), was.DeepCopy(), client.DryRunAll), "第12条")
}

func TestGenerateName(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	application := b.application(v1alpha1.ChangeIntroduction)
	application.Name, application.GenerateName = "", b.name+"-r8-"
	refused(t, b.as(anybody).Create(t.Context(), application.DeepCopy()), "所管部長", "第12条")
	must(t, b.as(departmentHead).Create(t.Context(), application))
	if !strings.HasPrefix(application.Name, b.name+"-r8-") || application.Spec.Submission == nil {
		t.Errorf("created %s, submitted as %+v", application.Name, application.Spec.Submission)
	}
	must(t, decide(b.as(theCIO), application.Name, v1alpha1.DecisionApproved))
}

// What was submitted stays on record, whatever became of it and whoever would delete it; a draft may go.
func TestRecordStays(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	for state, decisions := range map[string][]v1alpha1.Decision{
		"undecided": nil, "approved": {v1alpha1.DecisionApproved}, "denied": {v1alpha1.DecisionDenied},
		"revoked": {v1alpha1.DecisionApproved, v1alpha1.DecisionRevoked},
	} {
		t.Run(state, func(t *testing.T) {
			application := b.decided(t, decisions...)
			for _, who := range []string{departmentHead, theCIO, anybody, clusterAdministrator} {
				refused(t, b.as(who).Delete(t.Context(), application.DeepCopy()), application.Name, "第12条",
					"kubectl kitei revoke "+application.Name)
			}
			must(t, ways()["merge patch"](t.Context(), env.admin, application.Name, "metadata",
				map[string]any{"labels": map[string]any{"of": application.Name}}))
			refused(t, env.admin.DeleteAllOf(t.Context(), &v1alpha1.ChangeApproval{}, client.MatchingLabels{"of": application.Name}),
				"第12条")
			unchanged(t, application)
			if is := get(t, &v1alpha1.ChangeApproval{}, "", application.Name); !is.DeletionTimestamp.IsZero() {
				t.Error("it is being deleted")
			}
		})
	}
	draft := b.application(v1alpha1.ChangeIntroduction)
	draft.Spec.Stage = v1alpha1.StageDraft
	must(t, b.as(anybody).Create(t.Context(), draft))
	must(t, b.as(otherSectionHead).Delete(t.Context(), draft))
}

// A pattern that does not parse is refused when it is written, in a draft too, by whom and how it may be.
func TestBadPatternIsRefusedWhenWritten(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	draft := b.application(v1alpha1.ChangeIntroduction)
	draft.Spec.Stage = v1alpha1.StageDraft
	must(t, b.as(anybody).Create(t.Context(), draft))
	for _, pattern := range []v1alpha1.ImagePattern{"nginx", "registry.example/tax/web:", "registry.example/*/web", ".*/tax"} {
		for _, stage := range []v1alpha1.ApplicationStage{v1alpha1.StageDraft, v1alpha1.StageSubmitted} {
			application := b.application(v1alpha1.ChangeIntroduction)
			application.Spec.Stage, application.Spec.Scope.Images = stage, []v1alpha1.ImagePattern{"registry.example/tax/web", pattern}
			refused(t, b.as(departmentHead).Create(t.Context(), application), "spec.scope.images", string(pattern),
				"registry.example/tax/web:1.4.*")
		}
		for wayName, write := range ways() {
			if wayName == "server-side apply" {
				continue // it would have to give what is required, too
			}
			refused(t, write(t.Context(), b.as(anybody), draft.Name, "spec",
				map[string]any{"scope": map[string]any{"images": []any{string(pattern)}}}),
				"spec.scope.images", string(pattern))
		}
	}
}

func TestSystemThatIsNotRegistered(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	application := b.application(v1alpha1.ChangeIntroduction)
	application.Spec.SystemRef.Name = b.name + "-gone"
	for _, who := range []string{departmentHead, theCIO, clusterAdministrator} {
		refused(t, b.as(who).Create(t.Context(), application.DeepCopy()), b.name+"-gone", "台帳にありません", "kubectl get electronicsystems")
	}
	application.Spec.Stage = v1alpha1.StageDraft
	must(t, b.as(anybody).Create(t.Context(), application))

	// A system that leaves the register after the application: nothing of it is approved any more, and all else can be decided.
	pending, approved := b.submitted(t), b.decided(t, v1alpha1.DecisionApproved)
	must(t, env.admin.Delete(t.Context(), &v1alpha1.ElectronicSystem{ObjectMeta: metav1.ObjectMeta{Name: b.name}}))
	refused(t, decide(b.as(theCIO), pending.Name, v1alpha1.DecisionApproved), b.name, "台帳にありません")
	must(t, decide(b.as(theCIO), pending.Name, v1alpha1.DecisionReturned))
	must(t, decide(b.as(theCIO), approved.Name, v1alpha1.DecisionRevoked))
}

// The status of an application that does not exist: server-side apply asks admission as for a creation.
func TestStatusOfNoApplication(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	for wayName, write := range ways() {
		err := write(t.Context(), b.as(theCIO), b.name+"-gone", "status", map[string]any{"decision": "Approved"})
		if !apierrors.IsNotFound(err) {
			t.Errorf("%s: not a plain not found: %v", wayName, err)
		}
	}
}

// Another mutating webhook that changes the object after ours makes the API server call ours again, with the stamp in place.
func TestOtherWebhooksChangeTheObjectToo(t *testing.T) {
	b := newBureau(t, v1alpha1.SubjectUser, false)
	otherWebhook(t, b.name, `[{"op":"add","path":"/metadata/annotations","value":{"other":"was here"}}]`)
	application := b.application(v1alpha1.ChangeIntroduction)
	must(t, b.as(departmentHead).Create(t.Context(), application))
	if application.Annotations["other"] != "was here" || application.Spec.Submission == nil {
		t.Fatalf("created %+v", application)
	}
	must(t, decide(b.as(theCIO), application.Name, v1alpha1.DecisionApproved))
	must(t, decide(b.as(theCIO), application.Name, v1alpha1.DecisionRevoked))
	status := get(t, &v1alpha1.ChangeApproval{}, "", application.Name).Status
	if status.DecidedBy != b.officers[theCIO].username || len(status.PastDecisions) != 1 {
		t.Errorf("decided as %+v", status)
	}
	refused(t, b.as(anybody).Create(t.Context(), b.application(v1alpha1.ChangeIntroduction)), "所管部長")
}

// Another webhook that changes what Kitei stamps gets nowhere.
func TestOtherWebhooksCannotForge(t *testing.T) {
	for name, test := range map[string]struct{ path, value string }{
		"who submitted":       {"/spec/submission/by", `"forger"`},
		"in which office":     {"/spec/submission/as", `"ManagingSectionHead"`},
		"when, long ago":      {"/spec/submission/at", `"2020-01-01T00:00:00Z"`},
		"who decided":         {"/status/decidedBy", `"forger"`},
		"on which spec":       {"/status/decidedGeneration", `9`},
		"when it was decided": {"/status/decidedAt", `"2020-01-01T00:00:00Z"`},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBureau(t, v1alpha1.SubjectUser, false)
			application := b.application(v1alpha1.ChangeIntroduction)
			patch := fmt.Sprintf(`[{"op":"replace","path":%q,"value":%s}]`, test.path, test.value)
			if strings.HasPrefix(test.path, "/spec") {
				otherWebhook(t, b.name, patch)
				refused(t, b.as(departmentHead).Create(t.Context(), application), "第12条")
				return
			}
			must(t, b.as(departmentHead).Create(t.Context(), application))
			was := settledApplication(t, application.Name)
			otherWebhook(t, b.name, patch)
			refused(t, decide(b.as(theCIO), application.Name, v1alpha1.DecisionApproved), "第12条")
			unchanged(t, was)
		})
	}
}

// otherWebhook is a mutating webhook that the API server calls after Kitei's. It patches, with a JSON patch, the applications
// whose name begins with the prefix that is given.
func otherWebhook(t *testing.T, prefix, patch string) {
	t.Helper()
	var called atomic.Bool
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called.Store(true)
		var review admissionv1.AdmissionReview
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		review.Response = &admissionv1.AdmissionResponse{UID: review.Request.UID, Allowed: true}
		if strings.HasPrefix(review.Request.Name, prefix) {
			kind := admissionv1.PatchTypeJSONPatch
			review.Response.Patch, review.Response.PatchType = []byte(patch), &kind
		}
		review.Request = nil
		_ = json.NewEncoder(w).Encode(review)
	}))
	t.Cleanup(server.Close)
	url := server.URL
	fail, none := admissionregistrationv1.Fail, admissionregistrationv1.SideEffectClassNone
	configuration := &admissionregistrationv1.MutatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "zz-" + prefix},
		Webhooks: []admissionregistrationv1.MutatingWebhook{{
			Name: "other.example.com", FailurePolicy: &fail, SideEffects: &none, AdmissionReviewVersions: []string{"v1"},
			ClientConfig: admissionregistrationv1.WebhookClientConfig{URL: &url,
				CABundle: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})},
			MatchConditions: []admissionregistrationv1.MatchCondition{{Name: "ours",
				Expression: fmt.Sprintf("object.metadata.name.startsWith(%q)", prefix)}},
			Rules: []admissionregistrationv1.RuleWithOperations{{
				Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create, admissionregistrationv1.Update},
				Rule: admissionregistrationv1.Rule{APIGroups: []string{v1alpha1.GroupVersion.Group}, APIVersions: []string{"*"},
					Resources: []string{"changeapprovals", "changeapprovals/status"}},
			}},
		}},
	}
	must(t, env.admin.Create(t.Context(), configuration))
	t.Cleanup(func() {
		if err := env.admin.Delete(context.Background(), configuration); err != nil {
			t.Errorf("take the other webhook away: %v", err)
		}
	})
	eventually(t, "the API server calls the other webhook", func(ctx context.Context) error {
		probe := &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: prefix + "-probe"}, Spec: v1alpha1.ChangeApprovalSpec{
			SystemRef: v1alpha1.NameReference{Name: prefix}, Type: v1alpha1.ChangeMinor, Title: "試し"}}
		if err := env.admin.Create(ctx, probe, client.DryRunAll); !called.Load() {
			return fmt.Errorf("not called: %w", err)
		}
		return nil
	})
}
