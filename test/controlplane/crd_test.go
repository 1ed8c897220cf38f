package controlplane

import (
	"context"
	"math/rand"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/image"
)

// The rules of the kinds are tested on copies of them in a group of their own, which no webhook, no policy and no controller
// knows: what refuses an object here is its CustomResourceDefinition, on the API server.
const copiedGroup = "rules.test.kitei.dev"

// copiedKinds makes the copies for the rest of a test, and a client to write them.
func copiedKinds(t *testing.T) (client.Client, map[string]*apiextensionsv1.JSONSchemaProps) {
	t.Helper()
	scheme := runtime.NewScheme()
	must(t, apiextensionsv1.AddToScheme(scheme))
	c, err := client.New(env.cluster.Config(), client.Options{Scheme: scheme})
	must(t, err)
	var all apiextensionsv1.CustomResourceDefinitionList
	must(t, c.List(t.Context(), &all))
	schemas := map[string]*apiextensionsv1.JSONSchemaProps{}
	for _, original := range all.Items {
		if original.Spec.Group != v1alpha1.GroupVersion.Group {
			continue
		}
		copied := &apiextensionsv1.CustomResourceDefinition{Spec: *original.Spec.DeepCopy()}
		copied.Name, copied.Spec.Group = original.Spec.Names.Plural+"."+copiedGroup, copiedGroup
		copied.Spec.Names.ShortNames, copied.Spec.Names.Categories, copied.Spec.Conversion = nil, nil, nil
		must(t, c.Create(t.Context(), copied))
		t.Cleanup(func() {
			if err := c.Delete(context.Background(), copied); err != nil {
				t.Errorf("remove the copy of %s: %v", original.Name, err)
			}
		})
		schemas[original.Spec.Names.Kind] = original.Spec.Versions[0].Schema.OpenAPIV3Schema
	}
	eventually(t, "the copied kinds are served", func(ctx context.Context) error {
		for kind := range schemas {
			if err := c.Create(ctx, example(t, kind), client.DryRunAll); err != nil {
				return err
			}
		}
		return nil
	})
	return c, schemas
}

// examples have every field that a rule is about.
const examples = `
ChangeApproval:
  metadata: {name: example}
  spec:
    systemRef: {name: tax}
    type: Introduction
    title: 税務システムの導入
    criteria: {residentWelfare: あ, administrativeEfficiency: い, personalInformationProtection: う}
    necessity: 必要
    cost: 費用
    effect: 効果
    alternatives: なし
    fiscalYear: 2027
    urgency: {reason: 法令改正}
    dataUse:
    - name: addresses
      sectionRef: {name: residents}
      data: 住所
      residentRegisterItems: [1]
      dataCategories: [PersonalInformation]
      ordinanceProcedure: 審議会答申第1号
    answersRef: {name: before}
    scope:
      images: [registry.example/tax/web]
      namespaces: [tax]
      classification: {confidentiality: 3A, integrity: "2", availability: "2"}
      dataCategories: [PersonalInformation]
      notBefore: "2026-04-01T00:00:00Z"
      notAfter: "2027-04-01T00:00:00Z"
    stage: Submitted
    submission: {by: head, as: DepartmentHead, at: "2026-03-01T00:00:00Z", fiscalYear: 令和9年度 / FY2027, seal: c2VhbA==}
  status:
    decision: Approved
    decisionReason: 必要と認める
    decidedBy: cio
    decidedAs: ChiefInformationOfficer
    decidedAt: "2026-03-02T00:00:00Z"
    decidedGeneration: 1
    meetingRef: {name: r8-1}
    ratifyBy: "2026-04-01T00:00:00Z"
    seal: c2VhbA==
    pastDecisions:
    - {decision: Approved, reason: 理由, by: cio, as: ChiefInformationOfficer, at: "2026-03-01T00:00:00Z", generation: 1,
       meetingRef: {name: r8-1}, ratifyBy: "2026-04-01T00:00:00Z", seal: c2VhbA==}
    notifications: [{decision: Approved, channel: Mail, state: Delivered, attempts: 1, lastAttemptAt: "2026-03-02T00:00:01Z",
      lastFailure: Deferred, deliveredAt: "2026-03-02T00:00:02Z", deliveredTo: [tax@arakawa.example]}]
Committee:
  metadata: {name: example}
  spec:
    displayName: 運営委員会
    members: [{name: finance, title: 財政課長}]
    adHocMembers: [{name: expert, title: 有識者}]
    quorum: Majority
    secretariatRef: {name: digital}
  status: {seats: 2, quorum: 2}
CommitteeMeeting:
  metadata: {name: example}
  spec:
    committeeRef: {name: steering}
    heldOn: "2026-06-01"
    attendees: [finance]
    guests: [税務課長]
    agenda: [{applicationRef: {name: tax}, outcome: Approved, note: 異議なし}]
  status:
    state: Confirmed
    confirmedBy: cio
    confirmedAt: "2026-06-02T00:00:00Z"
    confirmedGeneration: 1
    attendance: {attended: 2, seats: 2, quorum: 2}
    seal: c2VhbA==
DecisionRecord:
  metadata: {name: example}
  spec:
    sequence: 2
    previous: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    entry:
      kind: Decision
      resource: changeapprovals
      name: tax
      uid: 0000-1
      digest: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
      decision: Approved
      reason: 必要と認める
      by: cio
      as: ChiefInformationOfficer
      at: "2026-03-02T00:00:00Z"
      meetingRef: {name: r8-1}
      ratifyBy: "2026-04-01T00:00:00Z"
      outcomes: [{application: tax, outcome: Approved}]
      attendance: {attended: 2, seats: 2, quorum: 2}
      channel: Mail
      found: true
    envelope:
      payloadType: application/vnd.in-toto+json
      payload: e30=
      signatures: [{keyid: abc, sig: c2ln}]
DataUseConsent:
  metadata: {name: example}
  spec:
    applicationRef: {name: tax}
    applicationUID: 0000-1
    use:
      name: addresses
      sectionRef: {name: residents}
      data: 住所
      residentRegisterItems: [1]
      dataCategories: [PersonalInformation]
      ordinanceProcedure: 審議会答申第1号
  status:
    decision: Approved
    decisionReason: 目的に沿う
    decidedBy: head
    decidedAs: DataSectionHead
    decidedAt: "2026-03-02T00:00:00Z"
    seal: c2VhbA==
    pastDecisions:
    - {decision: Approved, reason: 理由, by: head, as: DataSectionHead, at: "2026-03-01T00:00:00Z", generation: 1,
       meetingRef: {name: r8-1}, ratifyBy: "2026-04-01T00:00:00Z", seal: c2VhbA==}
Department:
  metadata: {name: example}
  spec:
    displayName: 財務部
    head: {title: 財務部長, subjects: [{kind: ServiceAccount, name: robot, namespace: tax}], emails: [tax@arakawa.example]}
    establishedOn: "2020-04-01"
    abolishedOn: "2030-04-01"
    successorRef: {name: levy}
    formerNames: [{displayName: 会計部, title: 会計部長, until: "2024-04-01"}]
  status: {displayName: 財務部, managingSections: 1}
ElectronicSystem:
  metadata: {name: example}
  spec:
    displayName: 税務システム
    duty: 賦課
    managingSectionRef: {name: tax}
    transfer: {sectionRef: {name: levy}, effectiveOn: "2030-04-01"}
    usingSectionRefs: [{name: care}]
    namespaces: [tax]
    classification: {confidentiality: 3A, integrity: "2", availability: "2"}
    dataCategories: [PersonalInformation]
    note: 備考
  status: {managingSection: tax, class: 3A/2/2, approvalsInEffect: [a], approvalsInEffectCount: 1}
ManagingSection:
  metadata: {name: example}
  spec:
    displayName: 税務課
    departmentRef: {name: finance}
    head: {title: 税務課長, subjects: [{kind: ServiceAccount, name: robot, namespace: tax}], emails: [tax@arakawa.example]}
    members: [{kind: ServiceAccount, name: robot, namespace: tax}]
    establishedOn: "2020-04-01"
    abolishedOn: "2030-04-01"
    successorRef: {name: levy}
    formerNames: [{displayName: 収税課, title: 収税課長, until: "2024-04-01"}]
  status: {displayName: 税務課, electronicSystems: 1, openRatifications: 1}
Regulation:
  metadata: {name: regulation}
  spec:
    displayName: 管理運営規程
    language: ja
    timeZone: Asia/Tokyo
    managementDepartmentRef: {name: management}
    digitalPromotionSectionRef: {name: digital}
    securityStandardRef: {name: standard}
    auditors: [{kind: ServiceAccount, name: robot, namespace: tax}]
    registrars: [{kind: ServiceAccount, name: robot, namespace: tax}]
    steeringCommitteeRef: {name: steering}
    securityCommitteeRef: {name: security}
    applicationDeadline: 08-31
    ratificationDays: 30
    enforcement:
      mode: Hold
      onRevocation: Keep
      overrides: [{mode: Warn, namespaceSelector: {matchExpressions: [{key: env, operator: In, values: [test]}]}}]
    notification:
      events: Enabled
      smtp: {address: "mail.arakawa.example:587", from: kitei@arakawa.example, tls: StartTLS, authentication: Secret, caBundle: PEM}
      cloudEvents: {url: "https://sink.arakawa.example/kitei", authentication: Secret, caBundle: PEM}
  status: {namespaces: [{clearance: held, count: 1}], ledger: {publicKey: PEM, sequence: 1,
    hash: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}}
SecurityStandard:
  metadata: {name: example}
  spec:
    displayName: 対策基準
    version: 令和6年10月
    confidentiality: [{name: 3A, description: 秘密}]
    integrity: [{name: "2", description: 完全}]
    availability: [{name: "2", description: 可用}]
  status: {confidentiality: 3A, integrity: "2", availability: "2"}
`

func example(t *testing.T, kind string) *unstructuredObject {
	t.Helper()
	var all map[string]map[string]any
	must(t, yaml.Unmarshal([]byte(examples), &all))
	object := &unstructuredObject{Object: all[kind]}
	object.SetAPIVersion(copiedGroup + "/v1alpha1")
	object.SetKind(kind)
	return object
}

// set puts a value at a path such as spec.head.subjects[].name, in the first element of each list.
func set(node any, path string, value any) any {
	key, rest, more := strings.Cut(path, ".")
	field, isList := strings.CutSuffix(key, "[]")
	object := node.(map[string]any)
	if isList && more && object[field] == nil {
		panic("the example has no " + path)
	}
	switch {
	case !more && !isList && value == absent:
		delete(object, field)
	case !more && !isList:
		object[field] = value
	case !more:
		object[field] = []any{value}
	case isList:
		object[field].([]any)[0] = set(object[field].([]any)[0], rest, value)
	default:
		object[field] = set(object[field], rest, value)
	}
	return object
}

// writer tries objects of the copied kinds, by dry runs: the spec on creation, the status on an object that there is.
type writer struct {
	client client.Client
	stored map[string]*unstructuredObject
}

func newWriter(t *testing.T, c client.Client, schemas map[string]*apiextensionsv1.JSONSchemaProps) *writer {
	t.Helper()
	w := &writer{c, map[string]*unstructuredObject{}}
	for kind := range schemas {
		stored := example(t, kind)
		status := stored.Object["status"]
		must(t, c.Create(t.Context(), stored))
		if status != nil {
			stored.Object["status"] = status
			must(t, c.Status().Update(t.Context(), stored))
		}
		w.stored[kind] = stored
	}
	return w
}

func (w *writer) try(t *testing.T, kind, path string, value any) error {
	t.Helper()
	if strings.HasPrefix(path, "status") {
		object := w.stored[kind].DeepCopy()
		set(object.Object, path, value)
		return w.client.Status().Update(t.Context(), object, client.DryRunAll)
	}
	object := example(t, kind)
	set(object.Object, path, value)
	object.SetName(object.GetName())
	return w.client.Create(t.Context(), object, client.DryRunAll)
}

// TestKinds tries every rule of the kinds on the API server.
func TestKinds(t *testing.T) {
	c, schemas := copiedKinds(t)
	t.Run("rules", func(t *testing.T) { testRules(t, c, schemas) })
	t.Run("defaults", func(t *testing.T) { testDefaults(t, c) })
	w := newWriter(t, c, schemas)
	t.Run("markers", func(t *testing.T) { testMarkers(t, w, schemas) })
	t.Run("image patterns", func(t *testing.T) { testImagePatterns(t, w) })
}

func testDefaults(t *testing.T, c client.Client) {
	t.Helper()
	application := example(t, "ChangeApproval")
	set(application.Object, "spec.stage", absent)
	set(application.Object, "spec.submission", absent)
	must(t, c.Create(t.Context(), application, client.DryRunAll))
	if got := application.Object["spec"].(map[string]any)["stage"]; got != "Draft" {
		t.Errorf("the stage defaults to %v", got)
	}
	regulation := example(t, "Regulation")
	for _, field := range []string{"language", "timeZone", "enforcement", "securityStandardRef", "applicationDeadline",
		"ratificationDays"} {
		set(regulation.Object, "spec."+field, absent)
	}
	for field, value := range map[string]any{"events": absent, "smtp.tls": absent, "smtp.authentication": absent,
		"cloudEvents.authentication": absent} {
		set(regulation.Object, "spec.notification."+field, value)
	}
	must(t, c.Create(t.Context(), regulation, client.DryRunAll))
	spec := regulation.Object["spec"].(map[string]any)
	enforcement := spec["enforcement"].(map[string]any)
	if spec["language"] != "ja" || spec["timeZone"] != "Asia/Tokyo" || enforcement["mode"] != "Hold" ||
		enforcement["onRevocation"] != "Keep" || spec["applicationDeadline"] != "08-31" || spec["ratificationDays"] != int64(30) {
		t.Errorf("the regulation defaults to %v", spec)
	}
	notification := spec["notification"].(map[string]any)
	smtp, sink := notification["smtp"].(map[string]any), notification["cloudEvents"].(map[string]any)
	if notification["events"] != "Enabled" || smtp["tls"] != "StartTLS" || smtp["authentication"] != "None" ||
		sink["authentication"] != "None" {
		t.Errorf("the notification defaults to %v", notification)
	}
	committee := example(t, "Committee")
	set(committee.Object, "spec.quorum", absent)
	must(t, c.Create(t.Context(), committee, client.DryRunAll))
	if got := committee.Object["spec"].(map[string]any)["quorum"]; got != "Majority" {
		t.Errorf("the quorum defaults to %v", got)
	}
}

// A pattern is one thing to the CustomResourceDefinition and to the package that matches images: whatever the one takes the
// other takes. These are the rows of package image, and then generated ones.
func testImagePatterns(t *testing.T, w *writer) {
	t.Helper()
	const digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	rows := map[string]bool{}
	for _, good := range []string{
		"registry.example/tax", "registry.example/tax/*", "registry.example/tax/**", "registry.example/tax/web:1.4.*", "registry.example/*",
		"registry.example/tax/web" + digest, "registry.example/tax/web:1" + digest, "localhost:5000/a", "localhost/a", "registry:5000/a",
		"registry.example/**", "registry.example:443/tax/web_1__a--b.c", "a.b/c:*", "127.0.0.1:5000/a",
		"registry.example/a:" + strings.Repeat("t", 128),
	} {
		rows[good] = true
	}
	for _, bad := range []string{
		"", "*", "**", "nginx", "library/nginx", "registry.example", "registry.example/", "registry.example/Tax",
		"registry.example/tax/", "registry.example/*/web", "registry.example/ta*", "registry.example/tax/*:1",
		"registry.example/tax:1*" + digest, "registry.example/tax@sha256:00", "registry.example/tax web",
		"registry.example/税", ".*/tax", "registry.example/tax|evil.example/x", "https://registry.example/tax",
		"registry.example/tax:", "registry.example//tax", "registry.example:port/tax", "registry.example/***", "registry.example:5000",
		"registry.example/tax/**" + digest, "registry.example/tax\n", "Registry.example/tax", "registry.example/a__",
		"registry.example/a___b",
		"registry.example:123456/a", "-registry.example/a", "registry.example/a:.b", "registry.example/a:" + strings.Repeat("t", 129),
	} {
		rows[bad] = false
	}
	random := rand.New(rand.NewSource(1))
	parts := []string{"registry.example", "localhost", "registry", ":5000", ":", "/", "/", "/", "tax", "web", "*", "**", "-", "_", "__",
		".", "A", "1.4", digest, "@", "税", " "}
	for range 900 { // near the grammar, so that about half of them parse
		pattern := []string{"registry.example", "localhost:5000", "registry:1", "registry"}[random.Intn(4)]
		for range 1 + random.Intn(3) {
			pattern += "/" + []string{"tax", "web", "a.b", "a--b", "a__b", "*", "**", "0", "A", ""}[random.Intn(10)]
		}
		pattern += []string{"", "", "", ":1", ":1.*", ":*", digest, ":1" + digest, ":-1", ":*" + digest}[random.Intn(10)]
		if random.Intn(6) == 0 {
			at := random.Intn(len(pattern) + 1)
			pattern = pattern[:at] + parts[random.Intn(len(parts))] + pattern[at:]
		}
		_, err := image.ParseAll([]v1alpha1.ImagePattern{v1alpha1.ImagePattern(pattern)})
		rows[pattern] = err == nil
	}
	answers := map[bool]int{}
	for pattern, want := range rows {
		answers[want]++
		if _, err := image.ParseAll([]v1alpha1.ImagePattern{v1alpha1.ImagePattern(pattern)}); (err == nil) != want {
			t.Errorf("Parse(%q): %v", pattern, err)
		}
		if err := w.try(t, "ChangeApproval", "spec.scope.images[]", pattern); (err == nil || alreadyThere(err)) != want {
			t.Errorf("%q: package image says %t, the CustomResourceDefinition %v", pattern, want, err)
		}
	}
	if answers[true] < 100 || answers[false] < 100 {
		t.Errorf("the patterns are too much alike: %v", answers)
	}
}
