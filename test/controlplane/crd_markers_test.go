package controlplane

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// bound is one marker on one field, with values that it lets pass and values that it does not; absent stands for no value.
type bound struct {
	kind, path, marker string
	good, bad          []any
}

type absence struct{}

var absent = absence{}

// sentenceOfMarker is what the API server says of each marker.
var sentenceOfMarker = map[string]string{
	"minLength": "should be at least", "maxLength": "Too long", "pattern": "should match", "enum": "Unsupported value",
	"minItems": "should have at least", "maxItems": "Too many", "minimum": "should be greater than or equal to",
	"maximum":  "should be less than or equal to",
	"required": "Required value",
	"set":      "Duplicate value", "map": "Duplicate value", "date-time": "date-time",
}

// The tables below write down what the documentation promises of each field; nothing in them is read from the kinds.

func bounds() []bound {
	var all []bound
	kind := ""
	row := func(path, marker string, good, bad []any) { all = append(all, bound{kind, path, marker, good, bad}) }
	a := func(n int) any { return strings.Repeat("a", n) }
	required := func(paths ...string) {
		for _, path := range paths {
			row(path, "required", nil, []any{absent})
		}
	}
	// text counts characters, not bytes.
	text := func(path string, least, most int) {
		good := []any{strings.Repeat("規", most)}
		if least == 1 {
			row(path, "minLength", []any{"規"}, []any{""})
		} else {
			good = append(good, "", absent)
		}
		row(path, "maxLength", good, []any{strings.Repeat("規", most+1), strings.Repeat("a", most+1)})
	}
	oneOf := func(path string, values ...any) {
		row(path, "enum", values, []any{"", "none of these", strings.ToUpper(fmt.Sprint(values[0])) + "X",
			strings.ToLower(fmt.Sprint(values[0])) + " "})
	}
	label := func(path string) { // a DNS label
		row(path, "pattern", []any{"tax", "a", "a-1", "0", "a--b"}, []any{"Tax", "-a", "a-", "a.b", "a_b", "税", "a/b", "a\n", " a"})
		row(path, "minLength", []any{"a"}, []any{""})
		row(path, "maxLength", []any{a(63)}, []any{a(64)})
	}
	name := func(path string) {
		required(path + ".name")
		label(path + ".name")
	}
	level := func(path string) { // a label value
		row(path, "pattern", []any{"3A", "2", "a.b_c-d"}, []any{"-a", "a.", "機密", "a b", "a,b", "a\n"})
		row(path, "minLength", []any{"1"}, []any{""})
		row(path, "maxLength", []any{a(63)}, []any{a(64)})
	}
	list := func(path string, most int, item func(i int) any) {
		items := func(n int) any {
			list := make([]any, n)
			for i := range list {
				list[i] = item(i)
			}
			return list
		}
		row(path, "maxItems", []any{items(most), items(1)}, []any{items(most + 1)})
	}
	subjects := func(path string, most int) {
		list(path, most, func(i int) any { return map[string]any{"kind": "User", "name": fmt.Sprint("u", i)} })
		required(path+"[].kind", path+"[].name")
		row(path+"[].kind", "enum", []any{"ServiceAccount"}, []any{"Robot", "user", ""})
		text(path+"[].name", 1, 253)
		row(path+"[].namespace", "minLength", []any{"t"}, []any{""})
		row(path+"[].namespace", "maxLength", []any{a(63)}, []any{a(64)})
	}
	day := func(path string, good ...any) {
		row(path, "pattern", append([]any{"2025-12-31"}, good...), []any{"2026-4-1", "2026-13-01", "2026-00-10", "2026-04-32",
			"2026-04-00", "令和8年4月1日", "2026/04/01", "26-04-01", "", "2026-04-1\n"})
		row(path, "maxLength", []any{"2026-04-01"}, []any{"2026-04-01T"})
	}
	lifetime := func() {
		day("spec.establishedOn", "2028-02-29", "1999-12-31")
		day("spec.abolishedOn", "2028-02-29")
		name("spec.successorRef")
		list("spec.formerNames", 32, func(i int) any {
			return map[string]any{"displayName": "旧", "until": fmt.Sprintf("20%02d-04-01", i)}
		})
		former := func(name, until string) any { return map[string]any{"displayName": name, "until": until} }
		row("spec.formerNames", "map", []any{[]any{former("a", "2026-04-01"), former("a", "2027-04-01")}},
			[]any{[]any{former("a", "2026-04-01"), former("b", "2026-04-01")}})
		required("spec.formerNames[].displayName", "spec.formerNames[].until")
		text("spec.formerNames[].displayName", 1, 128)
		text("spec.formerNames[].title", 0, 128)
		day("spec.formerNames[].until")
		row("status.displayName", "maxLength", []any{strings.Repeat("規", 128)}, []any{strings.Repeat("規", 129)})
	}
	time := func(path string) {
		row(path, "date-time", []any{"2026-04-01T00:00:00+09:00"}, []any{"2026-04-01", "tomorrow", ""})
	}
	count := func(path string, least int64) {
		row(path, "minimum", []any{least, least + 1}, []any{least - 1})
	}
	mail := func(path string) { // an address of electronic mail
		row(path, "pattern", []any{"tax@arakawa.example", "a.b+c@localhost", "a&b='~@x-y.example"}, []any{"税@arakawa.example",
			"a b@c.example",
			"<a@b.example>", "a@b.example, c@d.example", "a@b@c", "a..b@c.example", ".a@b.example", "a.@b.example", "a@-b.example",
			"a@b..example", "a@b.example\n", "a@b.example\r\nBcc: c@d.example", "a\n@b.example", "a@税.example", "abc"})
		row(path, "minLength", []any{"a@b"}, []any{"", "a@"})
		row(path, "maxLength", []any{a(242).(string) + "@arakawa.abc"}, []any{a(243).(string) + "@arakawa.abc"})
	}
	emails := func(path string, most int) {
		list(path, most, func(i int) any { return fmt.Sprint("a", i, "@arakawa.example") })
		row(path, "set", []any{[]any{"a@b.example", "c@d.example"}}, []any{[]any{"a@b.example", "a@b.example"}})
		mail(path + "[]")
	}
	stamp := func(path string) {
		row(path, "maxLength", []any{strings.Repeat("規", 512)}, []any{strings.Repeat("規", 513)})
	}
	aUse := func(name string) any {
		return map[string]any{"name": name, "sectionRef": map[string]any{"name": "residents"}, "data": "住所"}
	}
	roles := []any{"ChiefInformationOfficer", "DigitalPromotionSectionHead", "DepartmentHead", "ManagingSectionHead",
		"UsingDepartmentHead", "UsingSectionHead", "DataSectionHead"}
	categories := []any{"PersonalInformation", "IndividualNumber", "SpecificPersonalInformation"}
	personal := func(path string) {
		row(path, "maxItems", []any{categories}, []any{append(slices.Clone(categories), "PersonalInformation")})
		row(path, "set", []any{categories}, []any{[]any{"IndividualNumber", "IndividualNumber"}})
		oneOf(path+"[]", categories...)
	}
	use := func(path string) {
		required(path+".data", path+".sectionRef")
		required(path + ".name")
		label(path + ".name")
		name(path + ".sectionRef")
		text(path+".data", 1, 1024)
		items := func(n int64) any {
			list := make([]any, n)
			for i := range list {
				list[i] = int64(i + 1)
			}
			return list
		}
		row(path+".residentRegisterItems", "maxItems", []any{items(8)}, []any{items(9)})
		row(path+".residentRegisterItems", "set", []any{items(2)}, []any{[]any{int64(1), int64(1)}})
		row(path+".residentRegisterItems[]", "minimum", []any{int64(1)}, []any{int64(0)})
		row(path+".residentRegisterItems[]", "maximum", []any{int64(8)}, []any{int64(9)})
		personal(path + ".dataCategories")
		row(path+".ordinanceProcedure", "maxLength", []any{strings.Repeat("規", 1024)}, []any{strings.Repeat("規", 1025)})
	}
	between := func(path string, least, most int64) {
		row(path, "minimum", []any{least}, []any{least - 1})
		row(path, "maximum", []any{most}, []any{most + 1})
	}

	seal := func(path string) { row(path, "maxLength", []any{a(128), absent}, []any{a(129)}) }
	past := func() { // the stamp of a decision, and those before it
		seal("status.seal")
		list("status.pastDecisions", 4, func(int) any {
			return map[string]any{"decision": "Approved", "by": "cio", "as": "ChiefInformationOfficer", "at": "2026-03-01T00:00:00Z",
				"generation": int64(1)}
		})
		const each = "status.pastDecisions[]."
		required(each+"decision", each+"by", each+"as", each+"at", each+"generation")
		oneOf(each+"decision", "Approved", "Denied", "Returned", "Revoked")
		text(each+"reason", 0, 4096)
		text(each+"by", 1, 512)
		oneOf(each+"as", roles...)
		time(each + "at")
		count(each+"generation", 1)
		name(each + "meetingRef")
		time(each + "ratifyBy")
		seal(each + "seal")
	}
	hash := func(path string) {
		row(path, "pattern", []any{strings.Repeat("0f", 32)}, []any{strings.Repeat("0F", 32), strings.Repeat("0f", 31), "x"})
	}

	kind = "ChangeApproval"
	required("spec", "spec.systemRef", "spec.title", "spec.type", "spec.criteria.residentWelfare", "spec.criteria.administrativeEfficiency",
		"spec.criteria.personalInformationProtection", "spec.submission.by", "spec.submission.as", "spec.submission.at")
	name("spec.systemRef")
	oneOf("spec.type", "Introduction", "Computerization", "Modification", "MinorChange")
	text("spec.title", 1, 256)
	for _, criterion := range []string{"residentWelfare", "administrativeEfficiency", "personalInformationProtection"} {
		text("spec.criteria."+criterion, 1, 4096)
	}
	for _, field := range []string{"necessity", "cost", "effect", "alternatives"} {
		text("spec."+field, 0, 4096)
	}
	list("spec.scope.images", 64, func(i int) any { return fmt.Sprint("registry.example/a", i) })
	row("spec.scope.images", "set", []any{[]any{"a.b/c", "a.b/d"}}, []any{[]any{"a.b/c", "a.b/d", "a.b/c"}})
	row("spec.scope.images[]", "pattern", []any{"registry.example/tax/web:1.4.*"}, []any{"nginx", "registry.example/tax web"})
	row("spec.scope.images[]", "minLength", []any{"a.b/c"}, []any{"", "ab"})
	row("spec.scope.images[]", "maxLength", []any{"a.b/" + strings.Repeat("c", 508)}, []any{"a.b/" + strings.Repeat("c", 509)})
	time("spec.scope.notBefore")
	time("spec.scope.notAfter")
	all[len(all)-1].good = []any{"2027-04-01T00:00:00+09:00"}
	row("spec.stage", "enum", []any{"Submitted"}, []any{"Sent", "", "draft"})
	text("spec.submission.by", 1, 512)
	oneOf("spec.submission.as", roles...)
	time("spec.submission.at")
	row("status.decision", "enum", []any{"Approved", "Revoked"}, []any{"Accepted", "", "approved"})
	text("status.decisionReason", 0, 4096)
	stamp("status.decidedBy")
	oneOf("status.decidedAs", roles...)
	time("status.decidedAt")
	count("status.decidedGeneration", 1)
	past()
	seal("spec.submission.seal")
	between("spec.fiscalYear", 2019, 2200)
	required("spec.urgency.reason")
	text("spec.urgency.reason", 1, 4096)
	row("spec.dataUse", "map", nil, []any{[]any{aUse("a"), aUse("a")}})
	list("spec.dataUse", 16, func(i int) any { return aUse(fmt.Sprint("u", i)) })
	use("spec.dataUse[]")
	name("spec.answersRef")
	list("spec.scope.namespaces", 64, func(i int) any { return fmt.Sprint("n", i) })
	row("spec.scope.namespaces", "set", []any{[]any{"a", "b"}}, []any{[]any{"a", "b", "a"}})
	label("spec.scope.namespaces[]")
	for _, aspect := range []string{"confidentiality", "integrity", "availability"} {
		required("spec.scope.classification." + aspect)
		level("spec.scope.classification." + aspect)
	}
	personal("spec.scope.dataCategories")
	text("spec.submission.fiscalYear", 0, 64)
	name("status.meetingRef")
	time("status.ratifyBy")

	kind = "Committee"
	required("spec", "spec.displayName", "spec.members", "spec.secretariatRef")
	text("spec.displayName", 1, 128)
	for path, most := range map[string]int{"spec.members": 64, "spec.adHocMembers": 16} {
		seat := func(name string) any { return map[string]any{"name": name, "title": "課長"} }
		list(path, most, func(i int) any { return seat(fmt.Sprint("s", i)) })
		row(path, "map", []any{[]any{seat("a"), seat("b")}}, []any{[]any{seat("a"), seat("a")}})
		required(path+"[].name", path+"[].title")
		label(path + "[].name")
		text(path+"[].title", 1, 128)
	}
	row("spec.members", "minItems", []any{[]any{map[string]any{"name": "a", "title": "課長"}}}, []any{[]any{}})
	oneOf("spec.quorum", "Majority", "None", absent)
	name("spec.secretariatRef")
	count("status.seats", 0)
	count("status.quorum", 0)

	kind = "CommitteeMeeting"
	required("spec", "spec.committeeRef", "spec.heldOn", "spec.agenda[].applicationRef", "status.attendance.attended",
		"status.attendance.seats", "status.attendance.quorum")
	name("spec.committeeRef")
	day("spec.heldOn")
	list("spec.attendees", 80, func(i int) any { return fmt.Sprint("s", i) })
	row("spec.attendees", "set", []any{[]any{"a", "b"}}, []any{[]any{"a", "b", "a"}})
	row("spec.attendees[]", "minLength", []any{"a"}, []any{""})
	row("spec.attendees[]", "maxLength", []any{a(63)}, []any{a(64)})
	list("spec.guests", 32, func(i int) any { return fmt.Sprint("課長", i) })
	row("spec.guests", "set", []any{[]any{"a", "b"}}, []any{[]any{"a", "b", "a"}})
	row("spec.guests[]", "minLength", []any{"a"}, []any{""})
	row("spec.guests[]", "maxLength", []any{strings.Repeat("規", 128)}, []any{strings.Repeat("規", 129)})
	list("spec.agenda", 64, func(i int) any { return map[string]any{"applicationRef": map[string]any{"name": fmt.Sprint("a", i)}} })
	name("spec.agenda[].applicationRef")
	oneOf("spec.agenda[].outcome", "Approved", "Denied", "Returned", absent)
	text("spec.agenda[].note", 0, 4096)
	row("status.state", "enum", []any{"Confirmed"}, []any{"", "confirmed", "Denied"})
	stamp("status.confirmedBy")
	all[len(all)-1].good = []any{"cio"} // any other than the stored one: a confirmation stands
	time("status.confirmedAt")
	all[len(all)-1].good = []any{"2026-06-02T09:00:00+09:00"} // the same moment: a confirmation stands
	count("status.confirmedGeneration", 1)
	for _, field := range []string{"attended", "seats", "quorum"} {
		count("status.attendance."+field, 0)
	}
	seal("status.seal")

	kind = "DecisionRecord"
	required("spec", "spec.sequence", "spec.entry", "spec.envelope")
	count("spec.sequence", 1)
	hash("spec.previous")
	for _, field := range []string{"kind", "resource", "name", "uid", "digest", "decision", "by", "at", "outcomes[].application",
		"attendance.attended", "attendance.seats", "attendance.quorum"} {
		required("spec.entry." + field)
	}
	oneOf("spec.entry.kind", "Submission", "Decision", "Consent", "Meeting", "Ratification", "Notification")
	text("spec.entry.resource", 1, 63)
	text("spec.entry.name", 1, 253)
	row("spec.entry.uid", "maxLength", []any{a(64)}, []any{a(65)})
	hash("spec.entry.digest")
	text("spec.entry.decision", 1, 32)
	text("spec.entry.reason", 0, 4096)
	text("spec.entry.by", 1, 512)
	oneOf("spec.entry.as", roles...)
	time("spec.entry.at")
	name("spec.entry.meetingRef")
	time("spec.entry.ratifyBy")
	list("spec.entry.outcomes", 64, func(i int) any { return map[string]any{"application": fmt.Sprint("a", i)} })
	row("spec.entry.outcomes", "map", nil, []any{[]any{map[string]any{"application": "a"}, map[string]any{"application": "a"}}})
	text("spec.entry.outcomes[].application", 1, 253)
	oneOf("spec.entry.outcomes[].outcome", "Approved", "Denied", "Returned", absent)
	for _, field := range []string{"attended", "seats", "quorum"} {
		count("spec.entry.attendance."+field, 0)
	}
	oneOf("spec.entry.channel", "Event", "Mail", "CloudEvent", absent)
	required("spec.envelope.payloadType", "spec.envelope.payload", "spec.envelope.signatures", "spec.envelope.signatures[].keyid",
		"spec.envelope.signatures[].sig")
	text("spec.envelope.payloadType", 1, 128)
	text("spec.envelope.payload", 1, 65536)
	list("spec.envelope.signatures", 4, func(int) any { return map[string]any{"keyid": "a", "sig": "b"} })
	row("spec.envelope.signatures", "minItems", []any{[]any{map[string]any{"keyid": "a", "sig": "b"}}}, []any{[]any{}})
	row("spec.envelope.signatures[].keyid", "maxLength", []any{a(128)}, []any{a(129)})
	row("spec.envelope.signatures[].sig", "maxLength", []any{a(512)}, []any{a(513)})

	kind = "DataUseConsent"
	required("spec", "spec.applicationRef", "spec.applicationUID", "spec.use")
	name("spec.applicationRef")
	text("spec.applicationUID", 1, 64)
	use("spec.use")
	row("status.decision", "enum", []any{"Approved", "Revoked"}, []any{"Accepted", "", "approved"})
	text("status.decisionReason", 0, 4096)
	stamp("status.decidedBy")
	oneOf("status.decidedAs", roles...)
	time("status.decidedAt")
	past()

	kind = "ChangeApproval"
	required("status.notifications[].decision", "status.notifications[].channel", "status.notifications[].state")
	list("status.notifications", 16, func(i int) any {
		return map[string]any{"decision": []any{"Approved", "Denied", "Returned", "Revoked"}[i%4], "state": "Sending",
			"channel": []any{"Event", "Mail", "CloudEvent"}[i/4%3], "attempts": int64(i)}
	})
	// There are no 17 pairs of decision and channel, nor 16: the bound only bounds the cost of the rules.
	all[len(all)-1].good = []any{[]any{map[string]any{"decision": "Approved", "channel": "Mail", "state": "Sending"}}}
	row("status.notifications", "map", []any{[]any{map[string]any{"decision": "Approved", "channel": "Mail", "state": "Sending"},
		map[string]any{"decision": "Approved", "channel": "Event", "state": "Sending"}}},
		[]any{[]any{map[string]any{"decision": "Approved", "channel": "Mail", "state": "Sending"},
			map[string]any{"decision": "Approved", "channel": "Mail", "state": "Waiting"}}})
	oneOf("status.notifications[].decision", "Approved", "Denied", "Returned", "Revoked")
	oneOf("status.notifications[].channel", "Event", "Mail", "CloudEvent")
	oneOf("status.notifications[].state", "Sending", "Waiting", "Refused", "NoAddress", "Delivered", "NotConfigured", "Expired")
	oneOf("status.notifications[].lastFailure", "Unreachable", "Untrusted", "Unauthorized", "Deferred", "Rejected", "Misconfigured",
		absent)
	count("status.notifications[].attempts", 0)
	time("status.notifications[].lastAttemptAt")
	time("status.notifications[].deliveredAt")
	emails("status.notifications[].deliveredTo", 256)

	kind = "Department"
	emails("spec.head.emails", 4)
	required("spec", "spec.displayName")
	text("spec.displayName", 1, 128)
	text("spec.head.title", 0, 128)
	subjects("spec.head.subjects", 16)
	count("status.managingSections", 0)
	lifetime()

	kind = "ElectronicSystem"
	required("spec", "spec.displayName", "spec.classification.confidentiality", "spec.classification.integrity",
		"spec.classification.availability")
	text("spec.displayName", 1, 256)
	text("spec.duty", 0, 512)
	text("spec.note", 0, 1024)
	name("spec.managingSectionRef")
	required("spec.transfer.sectionRef", "spec.transfer.effectiveOn")
	name("spec.transfer.sectionRef")
	day("spec.transfer.effectiveOn")
	row("status.managingSection", "maxLength", []any{a(63)}, []any{a(64)})
	name("spec.usingSectionRefs[]")
	list("spec.usingSectionRefs", 64, func(i int) any { return map[string]any{"name": fmt.Sprint("s", i)} })
	row("spec.usingSectionRefs", "map", []any{[]any{map[string]any{"name": "a"}, map[string]any{"name": "b"}}},
		[]any{[]any{map[string]any{"name": "a"}, map[string]any{"name": "a"}}})
	list("spec.namespaces", 64, func(i int) any { return fmt.Sprint("n", i) })
	row("spec.namespaces", "set", []any{[]any{"a", "b"}}, []any{[]any{"a", "b", "a"}})
	label("spec.namespaces[]")
	for _, aspect := range []string{"confidentiality", "integrity", "availability"} {
		level("spec.classification." + aspect)
	}
	personal("spec.dataCategories")
	row("status.class", "maxLength", []any{a(192)}, []any{a(193)})
	list("status.approvalsInEffect", 16, func(i int) any { return fmt.Sprint("a", i) })
	count("status.approvalsInEffectCount", 0)

	kind = "ManagingSection"
	emails("spec.head.emails", 4)
	required("spec", "spec.displayName")
	text("spec.displayName", 1, 128)
	text("spec.head.title", 0, 128)
	subjects("spec.head.subjects", 16)
	subjects("spec.members", 256)
	name("spec.departmentRef")
	lifetime()
	count("status.electronicSystems", 0)
	count("status.openRatifications", 0)

	kind = "Regulation"
	required("spec", "spec.displayName", "spec.managementDepartmentRef", "spec.digitalPromotionSectionRef",
		"spec.enforcement.overrides[].mode",
		"spec.enforcement.overrides[].namespaceSelector", "spec.enforcement.overrides[].namespaceSelector.matchExpressions[].key",
		"spec.enforcement.overrides[].namespaceSelector.matchExpressions[].operator", "status.namespaces[].clearance",
		"status.namespaces[].count", "status.ledger.publicKey", "status.ledger.sequence")
	text("status.ledger.publicKey", 1, 1024)
	count("status.ledger.sequence", 0)
	hash("status.ledger.hash")
	text("spec.displayName", 1, 256)
	row("spec.language", "enum", []any{"ja", "en", absent}, []any{"fr", "", "JA", "ja_JP"})
	text("spec.timeZone", 1, 64)
	subjects("spec.auditors", 64)
	subjects("spec.registrars", 64)
	name("spec.managementDepartmentRef")
	name("spec.digitalPromotionSectionRef")
	name("spec.securityStandardRef")
	name("spec.steeringCommitteeRef")
	name("spec.securityCommitteeRef")
	row("spec.applicationDeadline", "pattern", []any{"08-31", "12-01", "02-29", absent},
		[]any{"8-31", "13-01", "00-10", "08-32", "08-00", "8月31日", ""})
	row("spec.applicationDeadline", "maxLength", []any{"08-31"}, []any{"08-31T"})
	between("spec.ratificationDays", 1, 365)
	oneOf("spec.enforcement.mode", "Hold", "Deny", "Warn", "Audit", absent)
	oneOf("spec.enforcement.onRevocation", "Keep", "Evict", absent)
	list("spec.enforcement.overrides", 32, func(int) any { return map[string]any{"mode": "Audit", "namespaceSelector": map[string]any{}} })
	oneOf("spec.enforcement.overrides[].mode", "Hold", "Deny", "Warn", "Audit")
	oneOf("spec.notification.events", "Enabled", "Disabled", absent)
	required("spec.notification.smtp.address", "spec.notification.smtp.from", "spec.notification.cloudEvents.url")
	row("spec.notification.smtp.address", "pattern", []any{"mail.arakawa.example:587", "localhost:25", "127.0.0.1:25", "[::1]:465"},
		[]any{"mail.arakawa.example", "mail:", ":25", "mail:smtp", "smtp://mail:25", "mail :25", "mail:25\n", "-mail:25", "mail:123456"})
	row("spec.notification.smtp.address", "minLength", []any{"a:1"}, []any{"", "a:"})
	row("spec.notification.smtp.address", "maxLength", []any{a(257).(string) + ":25"}, []any{a(258).(string) + ":25"})
	mail("spec.notification.smtp.from")
	oneOf("spec.notification.smtp.tls", "StartTLS", "TLS", absent)
	oneOf("spec.notification.smtp.authentication", "Secret", "None", absent)
	row("spec.notification.smtp.caBundle", "maxLength", []any{a(65536), absent}, []any{a(65537)})
	row("spec.notification.cloudEvents.url", "pattern", []any{"https://sink.example", "https://sink.example:8443/a/b?c=d",
		"https://[::1]/"},
		[]any{"ftp://sink.example", "sink.example/a", "https://user:password@sink.example/", "https:///path", "https://sink.example/#part",
			"https://sink.example/a b", "https://sink.example\n", "https://-sink.example"})
	row("spec.notification.cloudEvents.url", "minLength", []any{"https://a"}, []any{"", "https:/"})
	row("spec.notification.cloudEvents.url", "maxLength", []any{"https://a/" + a(2038).(string)}, []any{"https://a/" + a(2039).(string)})
	oneOf("spec.notification.cloudEvents.authentication", "Secret", "None", absent)
	row("spec.notification.cloudEvents.caBundle", "maxLength", []any{a(65536), absent}, []any{a(65537)})
	list("status.namespaces", 8, func(i int) any { return map[string]any{"clearance": fmt.Sprint("c", i), "count": int64(0)} })
	row("status.namespaces", "map", []any{[]any{map[string]any{"clearance": "held", "count": int64(1)},
		map[string]any{"clearance": "denied", "count": int64(1)}}},
		[]any{[]any{map[string]any{"clearance": "held", "count": int64(1)}, map[string]any{"clearance": "held", "count": int64(2)}}})
	row("status.namespaces[].clearance", "maxLength", []any{a(16)}, []any{a(17)})
	count("status.namespaces[].count", 0)

	kind = "SecurityStandard"
	required("spec", "spec.displayName")
	text("spec.displayName", 1, 256)
	text("spec.version", 0, 64)
	for _, aspect := range []string{"confidentiality", "integrity", "availability"} {
		text("status."+aspect, 0, 1056)
	}
	for _, aspect := range []string{"spec.confidentiality", "spec.integrity", "spec.availability"} {
		required(aspect, aspect+"[].name")
		list(aspect, 16, func(i int) any { return map[string]any{"name": fmt.Sprint("l", i)} })
		row(aspect, "minItems", []any{[]any{map[string]any{"name": "1"}}}, []any{[]any{}})
		row(aspect, "map", []any{[]any{map[string]any{"name": "1"}, map[string]any{"name": "2"}}},
			[]any{[]any{map[string]any{"name": "1"}, map[string]any{"name": "1"}}})
		level(aspect + "[].name")
		text(aspect+"[].description", 0, 512)
	}
	return all
}

func short(value any) string {
	raw, _ := json.Marshal(value)
	if len(raw) > 60 {
		return fmt.Sprintf("%s… (%d bytes)", raw[:60], len(raw))
	}
	return string(raw)
}

func testMarkers(t *testing.T, w *writer, schemas map[string]*apiextensionsv1.JSONSchemaProps) {
	t.Helper()
	documented := map[string]bool{}
	for _, b := range bounds() {
		key := b.kind + " " + b.path + " " + b.marker
		documented[key] = true
		for _, value := range b.good {
			if err := w.try(t, b.kind, b.path, value); err != nil && !alreadyThere(err) {
				t.Errorf("%s: refused %s: %v", key, short(value), err)
			}
		}
		for _, value := range b.bad {
			err := w.try(t, b.kind, b.path, value)
			if err == nil || alreadyThere(err) {
				t.Errorf("%s: took %s", key, short(value))
				continue
			}
			field := strings.ReplaceAll(b.path, "[]", "[0]")
			if text := err.Error(); !strings.Contains(text, field[:strings.LastIndex(field, "[")+1]) && !strings.Contains(text, field) ||
				!strings.Contains(text, sentenceOfMarker[b.marker]) {
				t.Errorf("%s: %s: the refusal does not say %q of %s: %v", key, short(value), sentenceOfMarker[b.marker], field, err)
			}
		}
	}
	// Nothing in the kinds goes untested.
	for kind, schema := range schemas {
		for _, key := range markers(kind, "", schema) {
			if !documented[key] {
				t.Errorf("%s: no row tests it", key)
			}
		}
	}
}

// alreadyThere: a valid object meets the one that is stored. The API server says so only after it has validated.
func alreadyThere(err error) bool { return client.IgnoreAlreadyExists(err) == nil }

// markers lists what bounds a schema, with the path to it; the conditions' are the API machinery's.
func markers(kind, path string, schema *apiextensionsv1.JSONSchemaProps) []string {
	if strings.HasSuffix(path, ".conditions[]") || path == "metadata" || path == "apiVersion" || path == "kind" {
		return nil
	}
	var found []string
	for marker, has := range map[string]bool{
		"minLength": schema.MinLength != nil, "maxLength": schema.MaxLength != nil, "pattern": schema.Pattern != "",
		"enum":     len(schema.Enum) > 0,
		"minItems": schema.MinItems != nil, "maxItems": schema.MaxItems != nil, "minimum": schema.Minimum != nil,
		"maximum": schema.Maximum != nil,
		"set":     schema.XListType != nil && *schema.XListType == "set", "map": schema.XListType != nil && *schema.XListType == "map",
		"date-time": schema.Format == "date-time",
	} {
		if has && !strings.HasSuffix(path, ".conditions") {
			found = append(found, kind+" "+path+" "+marker)
		}
	}
	join := func(field string) string { return strings.TrimPrefix(path+"."+field, ".") }
	for _, field := range schema.Required {
		found = append(found, kind+" "+join(field)+" required")
	}
	for field := range schema.Properties {
		property := schema.Properties[field]
		found = append(found, markers(kind, join(field), &property)...)
	}
	if schema.Items != nil {
		found = append(found, markers(kind, path+"[]", schema.Items.Schema)...)
	}
	return found
}
