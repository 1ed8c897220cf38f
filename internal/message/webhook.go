package message

// Refusals of applications, decisions and register entries. Each says what, why (the article), who is entitled and what to
// run next.
const (
	NoRegulationYet        ID = "NoRegulationYet"        //
	StampForged            ID = "StampForged"            // 1: field
	ApplicationFrozen      ID = "ApplicationFrozen"      // 1: application, 2: submitted by
	SystemNotFound         ID = "SystemNotFound"         // 1: application, 2: system
	NotEntitledToApply     ID = "NotEntitledToApply"     // 1: who asks, 2: system, 3: applicants
	ImagePatternBad        ID = "ImagePatternBad"        // 1: what is wrong
	TimeUnwritable         ID = "TimeUnwritable"         //
	PatternSyntax          ID = "PatternSyntax"          // 1: pattern
	PatternNoRepository    ID = "PatternNoRepository"    // 1: pattern
	PatternWildcardVersion ID = "PatternWildcardVersion" // 1: pattern
	PatternDigestAndTag    ID = "PatternDigestAndTag"    // 1: pattern
	PatternsTooLong        ID = "PatternsTooLong"
	ConditionsNotYours     ID = "ConditionsNotYours"    // 1: application
	ReasonAlone            ID = "ReasonAlone"           // 1: application
	DecisionOfDraft        ID = "DecisionOfDraft"       // 1: application
	DecisionMoveBad        ID = "DecisionMoveBad"       // 1: application, 2: from, 3: to, 4: decided by
	DecisionNotYet         ID = "DecisionNotYet"        // 1: application, 2: to
	DecisionOfOwn          ID = "DecisionOfOwn"         // 1: application, 2: who asks, 3: deciders
	NotEntitledToDecide    ID = "NotEntitledToDecide"   // 1: who asks, 2: application, 3: deciders
	RecordStays            ID = "RecordStays"           // 1: application
	StampUnexpected        ID = "StampUnexpected"       // 1: application
	NamespaceClaimed       ID = "NamespaceClaimed"      // 1: namespace, 2: the system that has it, 3: its registrars
	NotEntitledToClaim     ID = "NotEntitledToClaim"    // 1: who asks, 2: namespaces, 3: system, 4: registrars
	NotEntitledToRegister  ID = "NotEntitledToRegister" // 1: who asks, 2: system, 3: registrars
	StandardMissing        ID = "StandardMissing"       // 1: name
	EventHeld              ID = "EventHeld"             // 1: pods, 2: the namespace's message
	EventReleased          ID = "EventReleased"         // 1: the namespace's message
	EventEvicted           ID = "EventEvicted"          // 1: the namespace's message
	EventSlipped           ID = "EventSlipped"          // 1: the namespace's message
	StaticPodRuns          ID = "StaticPodRuns"         // 1: pod, 2: node, 3: namespace
	FieldReadyMissing      ID = "FieldReadyMissing"     // 1: field, 2: name
	NobodyHolds            ID = "NobodyHolds"           // 1: object
	SelectorInvalid        ID = "SelectorInvalid"       // 1: index, 2: what is wrong
	EverythingFound        ID = "EverythingFound"       //
	EnforcedWhole          ID = "EnforcedWhole"         //
	EnforcementMissing     ID = "EnforcementMissing"    // 1: objects
	EnforcementChanged     ID = "EnforcementChanged"    // 1: objects
	HoldNotServed          ID = "HoldNotServed"         //
	StandardInForce        ID = "StandardInForce"       //
	StandardNotInForce     ID = "StandardNotInForce"    //
	SystemClassified       ID = "SystemClassified"      // 1: class
	SystemUnclassified     ID = "SystemUnclassified"    //
	SystemLevelUnknown     ID = "SystemLevelUnknown"    // 1: class
	SystemNoStandard       ID = "SystemNoStandard"      //
	ApprovalSubmitted      ID = "ApprovalSubmitted"     // 1: by, 2: office
	ApprovalDraft          ID = "ApprovalDraft"         //
	ApprovalDecided        ID = "ApprovalDecided"       // 1: by, 2: office
	ApprovalUndecided      ID = "ApprovalUndecided"     // 1: deciders
	ApprovalInEffect       ID = "ApprovalInEffect"      //
	ApprovalNotInEffect    ID = "ApprovalNotInEffect"   // 1: state
	ApprovalUnattested     ID = "ApprovalUnattested"    //
	ApprovalSystemAbsent   ID = "ApprovalSystemAbsent"  // 1: system
)

var webhookSentences = map[ID]sentence{
	NoRegulationYet: {
		"規程（Regulation）が定められていないため、申請も決定もできません（規程第3条）。次に: kubectl apply -f regulation.yaml",
		"No Regulation exists, so nobody can apply or decide yet (article 3). Next: kubectl apply -f regulation.yaml",
	},
	StampForged: {
		"%[1]s は Kitei が認証された要求から記録する欄で、書き込めません（規程第12条）。この欄を除いてやり直してください。",
		"%[1]s is stamped by Kitei from the authenticated request and cannot be written (article 12). Leave it out and try again.",
	},
	ApplicationFrozen: {
		"申請 %[1]s は %[2]s が提出済みのため変更できません（規程第12条）。新たな申請を作ってください。次に: kubectl get changeapproval %[1]s -o yaml",
		"Application %[1]s was submitted by %[2]s and cannot change (article 12). Write a new application. " +
			"Next: kubectl get changeapproval %[1]s -o yaml",
	},
	SystemNotFound: {
		"申請 %[1]s の電子情報システム %[2]s は台帳にありません（規程第12条、別表第1）。次に: kubectl get electronicsystems",
		"System %[2]s of application %[1]s is not in the register (article 12, appended table 1). Next: kubectl get electronicsystems",
	},
	NotEntitledToApply: {
		"%[1]s は電子情報システム%[2]sについて申請できる職にありません（規程第12条・第13条）。申請できるのは%[3]sです。下書き（spec.stage: Draft）は作れます。",
		"%[1]s holds no office that can apply for system %[2]s (articles 12 and 13). Those who can: %[3]s. " +
			"A draft (spec.stage: Draft) may be written by anybody.",
	},
	TimeUnwritable: {
		"spec.scope の日時は、協定世界時で西暦1年から9999年まででなければなりません（規程第12条）",
		"the times of spec.scope must lie in the years 1 to 9999 in UTC (article 12)",
	},
	ImagePatternBad: {
		"spec.scope.images が正しくありません（規程第12条）: %[1]s",
		"spec.scope.images is not right (article 12): %[1]s",
	},
	PatternSyntax: {
		"%[1]q は「レジストリ/パス」に :タグ か @sha256:ダイジェスト を付けた形ではありません（規程第12条）。例: registry.example/tax/web:1.4.*",
		"%[1]q is not registry/path with an optional :tag or @sha256:digest (article 12), such as registry.example/tax/web:1.4.*",
	},
	PatternNoRepository: {
		"%[1]q はレジストリだけでリポジトリがありません（規程第12条）。全体を対象にするには /** を付けてください。",
		"%[1]q names a registry and no repository (article 12). For all of it, write /** behind it.",
	},
	PatternWildcardVersion: {
		"%[1]q はワイルドカードにタグかダイジェストを付けています（規程第12条）。リポジトリを書いてください。",
		"%[1]q puts a tag or a digest on a wildcard (article 12): name the repository.",
	},
	PatternDigestAndTag: {
		"%[1]q は * を含むタグとダイジェストの両方を持っています（規程第12条）。どちらかを除いてください。",
		"%[1]q has a digest beside a tag with * (article 12): drop one of them.",
	},
	PatternsTooLong: {
		"合わせると長すぎて照合できません（規程第12条）。registry.example/tax/** のような型にまとめてください。",
		"They are together too long to match (article 12): use patterns such as registry.example/tax/**.",
	},
	ConditionsNotYours: {
		"申請 %[1]s の status.conditions は Kitei だけが書き込めます（規程第12条）。status.decision と status.decisionReason だけを変えてください。" +
			"次に: kubectl kitei approve %[1]s",
		"Only Kitei writes status.conditions of application %[1]s (article 12). Change status.decision and status.decisionReason " +
			"alone. Next: kubectl kitei approve %[1]s",
	},
	ReasonAlone: {
		"申請 %[1]s の status.decisionReason は status.decision とともに書いてください（規程第12条）。決定後の理由は変えられません。",
		"Write status.decisionReason of application %[1]s together with status.decision (article 12). The reason of a decision " +
			"stands.",
	},
	DecisionOfDraft: {
		"申請 %[1]s はまだ提出されていないため決定できません（規程第12条）。" +
			`次に: kubectl patch changeapproval %[1]s --type=merge -p '{"spec":{"stage":"Submitted"}}'`,
		"Application %[1]s was not submitted yet and cannot be decided (article 12). " +
			`Next: kubectl patch changeapproval %[1]s --type=merge -p '{"spec":{"stage":"Submitted"}}'`,
	},
	DecisionMoveBad: {
		"申請 %[1]s の決定を「%[2]s」から「%[3]s」に変えることはできません（規程第12条）。決定者: %[4]s。できるのは、未決定から Approved・Denied・Returned へと、" +
			"Approved から Revoked への変更だけです。新たな申請を作ってください。",
		"The decision on application %[1]s cannot go from %[2]q to %[3]q (article 12); decided by: %[4]s. Only from none to " +
			"Approved, Denied or Returned, and from Approved to Revoked. Write a new application.",
	},
	DecisionNotYet: {
		"申請 %[1]s はまだ決定されていないので「%[2]s」にはできません（規程第12条）。できるのは Approved・Denied・Returned だけです。",
		"Application %[1]s was not decided yet and cannot become %[2]q (article 12): only Approved, Denied or Returned.",
	},
	DecisionOfOwn: {
		"申請 %[1]s は %[2]s 自身が提出したものなので、%[2]s は決定できません（規程第12条・第13条）。決定できるのは%[3]sです。",
		"Application %[1]s was submitted by %[2]s, who cannot decide it (articles 12 and 13). It is decided by %[3]s.",
	},
	NotEntitledToDecide: {
		"%[1]s は申請 %[2]s を決定できる職にありません（規程第12条・第13条）。決定できるのは%[3]sです。",
		"%[1]s holds no office that can decide application %[2]s (articles 12 and 13). It is decided by %[3]s.",
	},
	RecordStays: {
		"申請 %[1]s は提出済みの記録なので削除できません（規程第12条・第13条）。取り消すには: kubectl kitei revoke %[1]s -m 理由",
		"Application %[1]s was submitted and stays on record (articles 12 and 13). To end its approval: " +
			"kubectl kitei revoke %[1]s -m REASON",
	},
	StampUnexpected: {
		"申請 %[1]s の記録が認証された要求と一致しません（規程第12条）。ほかの変更用 webhook が書き換えていないか確かめてください。次に: kubectl get mutatingwebhookconfigurations",
		"The stamp of application %[1]s does not match the authenticated request (article 12). See whether another mutating " +
			"webhook changes it. Next: kubectl get mutatingwebhookconfigurations",
	},
	NamespaceClaimed: {
		"名前空間 %[1]s は電子情報システム%[2]sのものです（規程第4条）。移すには、まず%[3]sが %[2]s の spec.namespaces から除いてください。",
		"Namespace %[1]s belongs to system %[2]s (article 4). To move it, %[3]s first removes it from that system's spec.namespaces.",
	},
	NotEntitledToClaim: {
		"%[1]s は電子情報システム%[3]sの名前空間（%[2]s）を定められる職にありません（規程第4条）。定められるのは%[4]sです。",
		"%[1]s holds no office that can say which namespaces (%[2]s) system %[3]s has (article 4). Those who can: %[4]s.",
	},
	NotEntitledToRegister: {
		"%[1]s は電子情報システム%[2]sの管理する課・利用する課・分類・データを変えられる職にありません（規程第4条・第26条）。変えられるのは%[3]sです。",
		"%[1]s holds no office that can change who manages or uses system %[2]s, its classification or its data (articles 4 and " +
			"26). That is for %[3]s.",
	},
	StandardMissing: {
		"対策基準 %[1]s が登録されていません（規程第27条）。",
		"SecurityStandard %[1]s does not exist (article 27).",
	},
	EventHeld:     {"承認を待つ Pod を止めています: %[1]s", "Pods wait for an approval: %[1]s"},
	EventReleased: {"Pod を動かします: %[1]s", "Pods are released: %[1]s"},
	EventEvicted:  {"承認がなくなったため Pod を退去させました: %[1]s", "A Pod was evicted because its approval ended: %[1]s"},
	EventSlipped: {
		"承認が終わった後に作られた Pod を退去させました: %[1]s",
		"A Pod that was created after its approval had ended was evicted: %[1]s",
	},
	StaticPodRuns: {
		"静的 Pod %[1]s をノード %[2]s が自ら動かしており、承認がなくても止められません（規程第12条）。承認のない Pod であれば、ノードの管理者がノードから定義を除いてください。" +
			"次に: kubectl get pod %[1]s -n %[3]s -o yaml",
		"Node %[2]s runs the static Pod %[1]s by itself, so that no approval can hold it (article 12). If it is not approved, the " +
			"administrator of the node removes its manifest there. Next: kubectl get pod %[1]s -n %[3]s -o yaml",
	},
	FieldReadyMissing: {
		"%[1]s の %[2]s が登録されていません（規程第2条）。",
		"%[1]s names %[2]s, which does not exist (article 2).",
	},
	NobodyHolds: {
		"%[1]s の長の職にある者（spec.head.subjects）がいないため、申請も決定もできません（規程第2条）。",
		"Nobody holds the office of head of %[1]s (spec.head.subjects), so it can neither apply nor decide (article 2).",
	},
	SelectorInvalid: {
		"spec.enforcement.overrides[%[1]d].namespaceSelector が正しくないため、何も選びません（規程第2条の2）: %[2]s",
		"spec.enforcement.overrides[%[1]d].namespaceSelector is invalid and selects nothing (article 2-2): %[2]s",
	},
	EverythingFound: {"そろっています（規程第2条）。", "Nothing is missing (article 2)."},
	EnforcedWhole: {
		"ポリシーと webhook がすべてそろっています（規程第12条）。",
		"Every policy and webhook is in place (article 12).",
	},
	EnforcementMissing: {
		"次のものがないため、規程第12条を強制できません: %[1]s。次に: kubectl apply -k config/policy",
		"Article 12 cannot be enforced without: %[1]s. Next: kubectl apply -k config/policy",
	},
	EnforcementChanged: {
		"次のものが書き換えられているため、規程第12条のとおりに強制されているとは限りません: %[1]s。次に: kubectl diff -k config/policy",
		"Article 12 may not be enforced as written, because these were changed: %[1]s. Next: kubectl diff -k config/policy",
	},
	HoldNotServed: {
		"この API サーバーには MutatingAdmissionPolicy がないため、承認を待つ Pod は保留ではなく拒否されます（規程第12条）。",
		"This API server has no MutatingAdmissionPolicy, so Pods that wait for an approval are refused instead of held (article 12).",
	},
	StandardInForce:    {"規程が定める対策基準です（規程第27条）。", "This is the standard that the Regulation names (article 27)."},
	StandardNotInForce: {"規程はこの対策基準を定めていません（規程第27条）。", "The Regulation does not name this standard (article 27)."},
	SystemClassified:   {"%[1]s に分類されています（規程第26条）。", "Classed %[1]s (article 26)."},
	SystemUnclassified: {
		"分類されていません（規程第26条）。spec.classification を定めるまで、情報資産を置けません。",
		"Not classed (article 26). Until spec.classification is set it can hold no assets.",
	},
	SystemLevelUnknown: {
		"分類 %[1]s に対策基準にない段階があります（規程第26条・第27条）。",
		"The class %[1]s has a level that the standard lacks (articles 26 and 27).",
	},
	SystemNoStandard:     {"対策基準が定められていません（規程第27条）。", "No SecurityStandard is in force (article 27)."},
	ApprovalSubmitted:    {"%[1]s が%[2]sとして提出しました（規程第12条）。", "Submitted by %[1]s as %[2]s (article 12)."},
	ApprovalDraft:        {"下書きです（規程第12条）。", "A draft (article 12)."},
	ApprovalDecided:      {"%[1]s が%[2]sとして決定しました（規程第12条）。", "Decided by %[1]s as %[2]s (article 12)."},
	ApprovalUndecided:    {"%[1]sの決定を待っています（規程第12条）。", "Waits for the decision of %[1]s (article 12)."},
	ApprovalInEffect:     {"効力があります（規程第12条）。", "In effect (article 12)."},
	ApprovalNotInEffect:  {"効力がありません（規程第12条）: %[1]s", "Not in effect (article 12): %[1]s"},
	ApprovalUnattested:   {"誰が決定したかの証明がない決定なので、効力がありません（規程第12条）。", "Kitei cannot attest who decided, so it has no effect (article 12)."},
	ApprovalSystemAbsent: {"電子情報システム %[1]s は台帳にありません（規程第12条、別表第1）。", "System %[1]s is not in the register (article 12, appended table 1)."},
}
