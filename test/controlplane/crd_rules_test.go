package controlplane

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
	"kitei.dev/kitei/internal/message"
)

// An object of a copied kind, before and after a change; created where there is no before.
type ruleRow struct {
	kind   string
	before []change
	after  []change
}

type change struct {
	path  string
	value any
}

// Every rule in CEL has an object that keeps it and one that breaks it, and the refusal is the rule's own sentence.
func testRules(t *testing.T, c client.Client, schemas map[string]*apiextensionsv1.JSONSchemaProps) {
	t.Helper()
	var (
		label      = message.Both(message.RuleName)
		account    = message.Both(message.RuleSubjectNamespace)
		everybody  = message.Both(message.RuleSubjectGroup)
		frozen     = message.Both(message.RuleFrozen)
		stamped    = message.Both(message.RuleSubmission)
		criteria   = message.Both(message.RuleCriteria)
		order      = message.Both(message.RuleScopeTimes)
		stands     = message.Both(message.RuleDecisionStands)
		carries    = message.Both(message.RuleDecisionStamp)
		draft      = message.Both(message.RuleDraftUndecided)
		successor  = message.Both(message.RuleSuccessor)
		after      = message.Both(message.RuleAbolishedAfter)
		reserved   = message.Both(message.RuleNamespaceUngoverned)
		regulation = message.Both(message.RuleOneRegulation)
		password   = message.Both(message.RulePasswordInClear)
		token      = message.Both(message.RuleTokenInClear)
		ordinance  = message.Both(message.RuleOrdinance)
		seat       = message.Both(message.RuleSeatName)
		committee  = message.Both(message.RuleMeetingCommittee)
		once       = message.Both(message.RuleAgendaOnce)
		minutes    = message.Both(message.RuleMeetingStands)
		confirmed  = message.Both(message.RuleMeetingStamp)
		copied     = message.Both(message.RuleConsentCopied)
		consent    = message.Both(message.RuleConsentStands)
		consented  = message.Both(message.RuleConsentStamp)
		record     = message.Both(message.RuleRecordStands)
	)
	type set = []change
	subject := func(kind, name, namespace string) any {
		s := map[string]any{"kind": kind, "name": name}
		if namespace != "" {
			s["namespace"] = namespace
		}
		return s
	}
	undecided, decided := change{"status", absent}, func(d string) change { return change{"status.decision", d} }
	unsubmitted := set{{"spec.stage", "Draft"}, {"spec.submission", absent}, undecided}
	pending := set{undecided}
	none := set{}
	type rows struct{ good, bad []ruleRow }
	tests := map[string]rows{
		"ChangeApproval spec: " + frozen: {
			good: []ruleRow{{"ChangeApproval", pending, none},
				{"ChangeApproval", unsubmitted, append(slices.Clone(unsubmitted), change{"spec.title", "別"})},
				{"ChangeApproval", unsubmitted, pending}, {"ChangeApproval", pending, set{{"metadata.labels", map[string]any{"a": "b"}}}}},
			bad: []ruleRow{{"ChangeApproval", pending, set{{"spec.title", "別"}}},
				{"ChangeApproval", pending, set{{"spec.scope.images", []any{}}}},
				{"ChangeApproval", pending, unsubmitted}, {"ChangeApproval", pending, set{{"spec.submission.by", "forger"}}}},
		},
		"ChangeApproval spec: " + stamped: {
			good: []ruleRow{{"ChangeApproval", nil, none}, {"ChangeApproval", nil, unsubmitted}},
			bad: []ruleRow{{"ChangeApproval", nil, set{{"spec.submission", absent}}},
				{"ChangeApproval", nil, set{{"spec.stage", "Draft"}}}, {"ChangeApproval", nil, set{{"spec.stage", absent}}}},
		},
		"ChangeApproval spec: " + criteria: {
			good: []ruleRow{{"ChangeApproval", nil, set{{"spec.criteria", absent}, {"spec.type", "MinorChange"}}},
				{"ChangeApproval", nil, append(slices.Clone(unsubmitted), change{"spec.criteria", absent})}},
			bad: []ruleRow{{"ChangeApproval", nil, set{{"spec.criteria", absent}}},
				{"ChangeApproval", nil, set{{"spec.criteria", absent}, {"spec.type", "Modification"}}}},
		},
		"ChangeApproval spec.scope: " + order: {
			good: []ruleRow{{"ChangeApproval", nil, set{{"spec.scope.notAfter", "2026-04-01T00:00:01Z"}}},
				{"ChangeApproval", nil, set{{"spec.scope.notAfter", absent}}},
				{"ChangeApproval", nil, set{{"spec.scope.notBefore", absent}}}},
			bad: []ruleRow{{"ChangeApproval", nil, set{{"spec.scope.notAfter", "2026-04-01T00:00:00Z"}}},
				{"ChangeApproval", nil, set{{"spec.scope.notAfter", "2026-03-31T00:00:00Z"}}},
				{"ChangeApproval", nil, set{{"spec.scope.notAfter", "2026-04-01T08:59:59+09:00"}}}}, // a moment before, in another zone
		},
		"ChangeApproval status: " + stands: {
			good: []ruleRow{{"ChangeApproval", none, none}, {"ChangeApproval", none, set{decided("Revoked")}},
				{"ChangeApproval", pending, none},
				{"ChangeApproval", pending, set{decided("Denied")}}, {"ChangeApproval", pending, set{decided("Returned")}}},
			bad: []ruleRow{{"ChangeApproval", none, set{decided("Denied")}}, {"ChangeApproval", none, set{decided("Returned")}},
				{"ChangeApproval", none, set{undecided}},
				{"ChangeApproval", set{decided("Denied")}, none}, {"ChangeApproval", set{decided("Returned")}, none},
				{"ChangeApproval", set{decided("Denied")}, set{decided("Revoked")}},
				{"ChangeApproval", set{decided("Revoked")}, none}, {"ChangeApproval", set{decided("Revoked")}, set{decided("Denied")}}},
		},
		"ChangeApproval status: " + carries: {
			good: []ruleRow{{"ChangeApproval", pending, none},
				{"ChangeApproval", pending, set{{"status", map[string]any{"conditions": []any{}}}}}},
			bad: []ruleRow{{"ChangeApproval", pending, set{{"status.decidedBy", absent}}},
				{"ChangeApproval", pending, set{{"status.decidedAs", absent}}},
				{"ChangeApproval", pending, set{{"status.decidedAt", absent}}},
				{"ChangeApproval", pending, set{{"status.decidedGeneration", absent}}},
				{"ChangeApproval", pending, set{{"status.decision", absent}}},
				{"ChangeApproval", pending, set{{"status", map[string]any{"decidedBy": "forger"}}}}},
		},
		"ChangeApproval : " + draft: {
			good: []ruleRow{{"ChangeApproval", unsubmitted, append(slices.Clone(unsubmitted),
				change{"status", map[string]any{"conditions": []any{}}})}},
			bad: []ruleRow{{"ChangeApproval", unsubmitted, set{{"spec.stage", "Draft"}, {"spec.submission", absent}}}},
		},
		"Regulation spec.notification.smtp: " + password: {
			good: []ruleRow{{"Regulation", nil, set{{"spec.notification.smtp.tls", "TLS"}}},
				{"Regulation", nil, set{{"spec.notification.smtp.tls", absent}}},
				{"Regulation", nil, set{{"spec.notification.smtp.tls", "None"}, {"spec.notification.smtp.authentication", "None"}}},
				{"Regulation", nil, set{{"spec.notification.smtp.tls", "None"}, {"spec.notification.smtp.authentication", absent}}}},
			bad: []ruleRow{{"Regulation", nil, set{{"spec.notification.smtp.tls", "None"}}}},
		},
		"Regulation spec.notification.cloudEvents: " + token: {
			good: []ruleRow{{"Regulation", nil, none}, {"Regulation", nil, set{{"spec.notification.cloudEvents.url", "http://sink.example"},
				{"spec.notification.cloudEvents.authentication", "None"}}}},
			bad: []ruleRow{{"Regulation", nil, set{{"spec.notification.cloudEvents.url", "http://sink.example"}}}},
		},
		"Regulation : " + regulation: {
			good: []ruleRow{{"Regulation", nil, none}},
			bad: []ruleRow{{"Regulation", nil, set{{"metadata.name", "regulations"}}},
				{"Regulation", nil, set{{"metadata.name", "arakawa"}}}},
		},
	}
	unconfirmed := set{{"status", absent}}
	item := func(name string) any { return map[string]any{"applicationRef": map[string]any{"name": name}} }
	for name, test := range map[string]rows{
		"Committee spec: " + seat: {
			good: []ruleRow{{"Committee", nil, none}, {"Committee", nil, set{{"spec.adHocMembers", absent}}},
				{"Committee", nil, set{{"spec.adHocMembers", []any{}}}}},
			bad: []ruleRow{{"Committee", nil, set{{"spec.adHocMembers[].name", "finance"}}}},
		},
		"CommitteeMeeting spec.committeeRef: " + committee: {
			good: []ruleRow{{"CommitteeMeeting", unconfirmed, set{{"spec.heldOn", "2026-06-02"}, {"status", absent}}}},
			bad:  []ruleRow{{"CommitteeMeeting", unconfirmed, set{{"spec.committeeRef.name", "security"}, {"status", absent}}}},
		},
		"CommitteeMeeting spec: " + once: {
			good: []ruleRow{{"CommitteeMeeting", nil, set{{"spec.agenda", []any{item("tax"), item("care")}}}},
				{"CommitteeMeeting", nil, set{{"spec.agenda", absent}}}},
			bad: []ruleRow{{"CommitteeMeeting", nil, set{{"spec.agenda", []any{item("tax"), item("care"), item("tax")}}}}},
		},
		"CommitteeMeeting : " + minutes: {
			good: []ruleRow{{"CommitteeMeeting", none, set{{"metadata.labels", map[string]any{"a": "b"}}}},
				{"CommitteeMeeting", unconfirmed, set{{"spec.attendees", []any{"planning"}}}}},
			bad: []ruleRow{{"CommitteeMeeting", none, set{{"spec.attendees", []any{"planning"}}}},
				{"CommitteeMeeting", none, set{{"spec.agenda[].outcome", "Denied"}}},
				{"CommitteeMeeting", none, set{{"spec.heldOn", "2026-06-02"}}}},
		},
		"CommitteeMeeting status: " + minutes: {
			good: []ruleRow{{"CommitteeMeeting", none, none}, {"CommitteeMeeting", unconfirmed, none}},
			bad: []ruleRow{{"CommitteeMeeting", none, set{{"status", map[string]any{"conditions": []any{}}}}},
				{"CommitteeMeeting", none, set{{"status.confirmedBy", "forger"}}},
				{"CommitteeMeeting", none, set{{"status.confirmedAt", "2026-06-03T00:00:00Z"}}}},
		},
		"CommitteeMeeting status: " + confirmed: {
			good: []ruleRow{{"CommitteeMeeting", unconfirmed, none}},
			bad: []ruleRow{{"CommitteeMeeting", unconfirmed, set{{"status.confirmedBy", absent}}},
				{"CommitteeMeeting", unconfirmed, set{{"status.confirmedAt", absent}}},
				{"CommitteeMeeting", unconfirmed, set{{"status.confirmedGeneration", absent}}},
				{"CommitteeMeeting", unconfirmed, set{{"status.state", absent}}}},
		},
		"DecisionRecord spec: " + record: {
			good: []ruleRow{{"DecisionRecord", nil, none}},
			bad: []ruleRow{{"DecisionRecord", none, set{{"spec.entry.by", "区長"}}},
				{"DecisionRecord", none, set{{"spec.sequence", int64(3)}}},
				{"DecisionRecord", none, set{{"spec.envelope.payload", "e31="}}}},
		},
		"DataUseConsent spec: " + copied: {
			good: []ruleRow{{"DataUseConsent", none, none}, {"DataUseConsent", unconfirmed, unconfirmed}},
			bad: []ruleRow{{"DataUseConsent", none, set{{"spec.applicationUID", "2"}}},
				{"DataUseConsent", unconfirmed, set{{"spec.use.data", "すべて"}, {"status", absent}}},
				{"DataUseConsent", none, set{{"spec.applicationRef.name", "care"}}}},
		},
		"DataUseConsent status: " + consent: {
			good: []ruleRow{{"DataUseConsent", none, none}, {"DataUseConsent", none, set{decided("Revoked")}},
				{"DataUseConsent", unconfirmed, none}, {"DataUseConsent", unconfirmed, set{decided("Denied")}}},
			bad: []ruleRow{{"DataUseConsent", none, set{decided("Denied")}}, {"DataUseConsent", none, set{{"status", map[string]any{}}}},
				{"DataUseConsent", set{decided("Denied")}, none}, {"DataUseConsent", set{decided("Denied")}, set{decided("Revoked")}},
				{"DataUseConsent", set{decided("Revoked")}, none}},
		},
		"DataUseConsent status: " + consented: {
			good: []ruleRow{{"DataUseConsent", unconfirmed, none},
				{"DataUseConsent", unconfirmed, set{{"status", map[string]any{"conditions": []any{}}}}}},
			bad: []ruleRow{{"DataUseConsent", unconfirmed, set{{"status.decidedBy", absent}}},
				{"DataUseConsent", unconfirmed, set{{"status.decidedAs", absent}}},
				{"DataUseConsent", unconfirmed, set{{"status.decidedAt", absent}}},
				{"DataUseConsent", unconfirmed, set{{"status.decision", absent}}}},
		},
	} {
		tests[name] = test
	}
	for _, use := range [][2]string{{"ChangeApproval", "spec.dataUse[]"}, {"DataUseConsent", "spec.use"}} {
		of := func(changes ...change) ruleRow {
			for i := range changes {
				changes[i].path = use[1] + "." + changes[i].path
			}
			return ruleRow{use[0], nil, changes}
		}
		tests[use[0]+" "+use[1]+": "+ordinance] = rows{
			[]ruleRow{of(), of(change{"dataCategories", absent}, change{"ordinanceProcedure", absent}),
				of(change{"dataCategories", []any{}}, change{"ordinanceProcedure", ""})},
			[]ruleRow{of(change{"ordinanceProcedure", absent}), of(change{"ordinanceProcedure", ""})},
		}
	}
	namespaces := rows{good: []ruleRow{{"ElectronicSystem", nil, set{{"spec.namespaces", []any{"tax", "kube-systems", "default"}}}}}}
	for _, name := range v1alpha1.UngovernedNamespaces() {
		namespaces.bad = append(namespaces.bad, ruleRow{"ElectronicSystem", nil, set{{"spec.namespaces", []any{"tax", name}}}})
	}
	tests["ElectronicSystem spec.namespaces: "+reserved] = namespaces
	for _, kind := range []string{"ChangeApproval", "Committee", "CommitteeMeeting", "Department", "ElectronicSystem", "ManagingSection",
		"SecurityStandard"} {
		name := func(name string) ruleRow { return ruleRow{kind, nil, set{{"metadata.name", name}}} }
		tests[kind+" : "+label] = rows{[]ruleRow{name("tax"), name(strings.Repeat("a", 63))},
			[]ruleRow{name("tax.web"), name(strings.Repeat("a", 64))}}
	}
	for _, kind := range []string{"Department", "ManagingSection"} {
		tests[kind+" spec: "+successor] = rows{
			good: []ruleRow{{kind, nil, none}, {kind, nil, set{{"spec.successorRef", absent}}},
				{kind, nil, set{{"spec.successorRef", absent}, {"spec.abolishedOn", absent}}}},
			bad: []ruleRow{{kind, nil, set{{"spec.abolishedOn", absent}}}},
		}
		tests[kind+" spec: "+after] = rows{
			good: []ruleRow{{kind, nil, set{{"spec.establishedOn", absent}}}, {kind, nil, set{{"spec.establishedOn", "2030-03-31"}}}},
			bad:  []ruleRow{{kind, nil, set{{"spec.establishedOn", "2030-04-01"}}}, {kind, nil, set{{"spec.establishedOn", "2031-01-01"}}}},
		}
	}
	for _, holder := range [][2]string{
		{"Department", "spec.head.subjects[]"}, {"ManagingSection", "spec.head.subjects[]"}, {"ManagingSection", "spec.members[]"},
		{"Regulation", "spec.auditors[]"}, {"Regulation", "spec.registrars[]"},
	} {
		kind, path := holder[0], holder[1]
		of := func(s any) ruleRow { return ruleRow{kind, nil, set{{path, s}}} }
		tests[kind+" "+path+": "+account] = rows{
			[]ruleRow{of(subject("User", "花子", "")), of(subject("Group", "heads", "")), of(subject("ServiceAccount", "robot", "tax"))},
			[]ruleRow{of(subject("User", "花子", "tax")), of(subject("Group", "heads", "tax")), of(subject("ServiceAccount", "robot", ""))},
		}
		tests[kind+" "+path+": "+everybody] = rows{
			[]ruleRow{of(subject("Group", "arakawa:heads", "")), of(subject("User", "system:masters", ""))},
			[]ruleRow{of(subject("Group", "system:authenticated", "")), of(subject("Group", "system:unauthenticated", "")),
				of(subject("Group", "system:serviceaccounts", "")), of(subject("Group", "system:masters", ""))},
		}
	}
	for name, test := range tests {
		t.Run(strings.ReplaceAll(name, "/", "-"), func(t *testing.T) {
			_, message, _ := strings.Cut(name, ": ")
			for i, row := range test.good {
				if err := row.write(t, c, fmt.Sprint("good-", i)); err != nil {
					t.Errorf("%v: %v", row, err)
				}
			}
			for i, row := range test.bad {
				switch err := row.write(t, c, fmt.Sprint("bad-", i)); {
				case err == nil:
					t.Errorf("took %v", row)
				case !strings.Contains(err.Error(), message):
					t.Errorf("%v: the refusal is not the rule's: %v", row, err)
				}
			}
		})
	}
	for kind, schema := range schemas {
		for _, key := range rules(kind, "", schema) {
			if _, tested := tests[key]; !tested {
				t.Errorf("no row tests the rule %q", key)
			}
		}
	}
}

// rules lists the rules in CEL of a schema.
func rules(kind, path string, schema *apiextensionsv1.JSONSchemaProps) []string {
	var found []string
	for _, rule := range schema.XValidations {
		found = append(found, kind+" "+path+": "+rule.Message)
	}
	for field := range schema.Properties {
		property := schema.Properties[field]
		found = append(found, rules(kind, strings.TrimPrefix(path+"."+field, "."), &property)...)
	}
	if schema.Items != nil {
		found = append(found, rules(kind, path+"[]", schema.Items.Schema)...)
	}
	return found
}

// write makes the object, and then changes it by a dry run; without a before the creation is the dry run.
func (r ruleRow) write(t *testing.T, c client.Client, name string) error {
	t.Helper()
	build := func(changes []change) *unstructuredObject {
		object := example(t, r.kind)
		if r.kind != "Regulation" {
			object.SetName(name)
		}
		for _, change := range changes {
			set(object.Object, change.path, change.value)
		}
		return object
	}
	after := build(r.after)
	if r.before == nil {
		return c.Create(t.Context(), after, client.DryRunAll)
	}
	before := build(r.before)
	status := before.Object["status"]
	must(t, c.Create(t.Context(), before))
	defer func() { must(t, c.Delete(t.Context(), before.DeepCopy())) }()
	if status != nil {
		before.Object["status"] = status
		must(t, c.Status().Update(t.Context(), before))
	}
	after.SetResourceVersion(before.GetResourceVersion())
	if err := c.Update(t.Context(), after.DeepCopy(), client.DryRunAll); err != nil {
		return err
	}
	if after.Object["status"] == nil {
		after.Object["status"] = map[string]any{}
	}
	return c.Status().Update(t.Context(), after, client.DryRunAll)
}
