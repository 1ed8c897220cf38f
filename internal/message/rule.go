package message

// Sentences of the validation rules in the kinds themselves (api/v1alpha1). The API server cannot choose a language, so the
// rules carry them in both; a test keeps the two places equal.
const (
	RuleFrozen              ID = "RuleFrozen"
	RuleSubmission          ID = "RuleSubmission"
	RuleCriteria            ID = "RuleCriteria"
	RuleScopeTimes          ID = "RuleScopeTimes"
	RuleDecisionStands      ID = "RuleDecisionStands"
	RuleDecisionStamp       ID = "RuleDecisionStamp"
	RuleName                ID = "RuleName"
	RuleDraftUndecided      ID = "RuleDraftUndecided"
	RuleNamespaceUngoverned ID = "RuleNamespaceUngoverned"
	RuleSuccessor           ID = "RuleSuccessor"
	RuleAbolishedAfter      ID = "RuleAbolishedAfter"
	RuleOneRegulation       ID = "RuleOneRegulation"
	RuleSubjectNamespace    ID = "RuleSubjectNamespace"
	RuleSubjectGroup        ID = "RuleSubjectGroup"
	RulePasswordInClear     ID = "RulePasswordInClear"
	RuleTokenInClear        ID = "RuleTokenInClear"
	RuleOrdinance           ID = "RuleOrdinance"
	RuleSeatName            ID = "RuleSeatName"
	RuleMeetingCommittee    ID = "RuleMeetingCommittee"
	RuleAgendaOnce          ID = "RuleAgendaOnce"
	RuleMeetingStands       ID = "RuleMeetingStands"
	RuleMeetingStamp        ID = "RuleMeetingStamp"
	RuleConsentCopied       ID = "RuleConsentCopied"
	RuleConsentStands       ID = "RuleConsentStands"
	RuleConsentStamp        ID = "RuleConsentStamp"
	RuleRecordStands        ID = "RuleRecordStands"
)

var ruleSentences = map[ID]sentence{
	RuleFrozen: {
		"提出済みの申請は変更できません（規程第12条）。新たな申請を作ってください",
		"a submitted application cannot change (article 12): write a new one",
	},
	RuleSubmission: {
		"submission は stage が Submitted になるときに Kitei が記録します（規程第12条）",
		"submission is stamped by Kitei when stage becomes Submitted (article 12)",
	},
	RuleCriteria: {
		"申請には規程第12条第1項の三つの基準に該当する理由が要ります",
		"an application states how it meets the three criteria of article 12-1",
	},
	RuleScopeTimes: {
		"notAfter は notBefore より後でなければなりません（規程第12条）",
		"notAfter must be later than notBefore (article 12)",
	},
	RuleDecisionStands: {
		"決定は変えられません。できるのは Approved から Revoked への変更だけです（規程第12条）",
		"a decision stands: only Approved can change, to Revoked (article 12)",
	},
	RuleDecisionStamp: {
		"決定には、誰が、どの職として、いつ、どの世代について決定したかを Kitei が記録します（規程第12条）",
		"a decision carries who decided it, as what, when and on which generation; Kitei stamps them (article 12)",
	},
	RuleName: {
		"名前は DNS ラベルです。63文字以内で、ピリオドは使えません（規程第2条）",
		"a name is a DNS label: at most 63 characters, no dots (article 2)",
	},
	RuleDraftUndecided: {
		"下書きは決定できません。申請者が先に提出します（spec.stage: Submitted、規程第12条）",
		"a draft cannot be decided: the applicant submits it first (spec.stage: Submitted, article 12)",
	},
	RuleNamespaceUngoverned: {
		"制御プレーンと Kitei の名前空間はどのシステムのものでもありません（規程第2条の2）",
		"a namespace of the control plane or of Kitei belongs to no system (article 2-2)",
	},
	RuleSuccessor: {
		"承継するものは廃止される部・課に定めます。abolishedOn も定めてください（規程第4条）",
		"a successor is named for a unit that is abolished: set abolishedOn too (article 4)",
	},
	RuleAbolishedAfter: {
		"廃止の日は設置の日より後です（規程第4条）",
		"the day of abolition comes after that of establishment (article 4)",
	},
	RuleOneRegulation: {
		"規程はクラスターに一つで、名前は regulation です（規程第1条）",
		"a cluster has one Regulation, and it is named regulation (article 1)",
	},
	RuleSubjectNamespace: {
		"namespace は ServiceAccount に、それだけに定めます（規程第2条）",
		"namespace is for a ServiceAccount, and only for it (article 2)",
	},
	RulePasswordInClear: {
		"パスワードは暗号化しない接続では送りません（規程第12条・第13条）。tls を StartTLS か TLS にしてください",
		"a password does not go in the clear (articles 12 and 13): set tls to StartTLS or TLS",
	},
	RuleTokenInClear: {
		"トークンは https でだけ送ります（規程第12条・第13条）",
		"a token goes by https alone (articles 12 and 13)",
	},
	RuleSubjectGroup: {
		"職にあるのは特定の者です。全員やすべての管理者を含むグループは職に就けません（規程第2条）",
		"an office is held by named persons: a group that holds everybody, or every administrator, cannot hold it (article 2)",
	},
	RuleOrdinance: {
		"個人情報を利用するときは、保護条例の定めによる手続を ordinanceProcedure に書いてください（規程第14条第2項）",
		"the use of personal information names the ordinance's procedure in ordinanceProcedure (article 14-2)",
	},
	RuleSeatName: {
		"臨時の委員の名前は、ほかの委員と重なってはなりません（規程第17条）",
		"an ad hoc member has a name that no other member has (article 17)",
	},
	RuleMeetingCommittee: {
		"会議の委員会は変えられません（規程第19条）",
		"a meeting stays its committee's (article 19)",
	},
	RuleAgendaOnce: {
		"同じ申請を一つの会議に二度付議できません（規程第12条第4項）",
		"a meeting takes up an application once (article 12-4)",
	},
	RuleRecordStands: {
		"台帳の記録は変えられません（規程第13条第3項）",
		"a record of the ledger stands (article 13-3)",
	},
	RuleMeetingStands: {
		"委員長が確認した記録は変えられません（規程第18条）",
		"a record that the chair confirmed stands (article 18)",
	},
	RuleMeetingStamp: {
		"確認には、誰が、いつ、どの世代について確認したかを Kitei が記録します（規程第18条）",
		"a confirmation carries who confirmed, when and which generation; Kitei stamps them (article 18)",
	},
	RuleConsentCopied: {
		"協議の内容は申請から写したもので、変えられません（規程第14条）",
		"what is asked for is the application's, and does not change (article 14)",
	},
	RuleConsentStands: {
		"決定は変えられません。できるのは Approved から Revoked への変更だけです（規程第14条）",
		"a decision stands: only Approved can change, to Revoked (article 14)",
	},
	RuleConsentStamp: {
		"決定には、誰が、どの職として、いつ決定したかを Kitei が記録します（規程第14条）",
		"a decision carries who decided it, as what and when; Kitei stamps them (article 14)",
	},
}
