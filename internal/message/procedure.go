package message

import "kitei.dev/kitei/api/v1alpha1"

// The procedure of articles 12 to 19: what an application still lacks, what a meeting decided of it, and what an urgency owes.
const (
	ApprovalConsentsGiven   ID = "ApprovalConsentsGiven"   //
	ApprovalConsentsMissing ID = "ApprovalConsentsMissing" // 1: consents
	ApprovalMet             ID = "ApprovalMet"             // 1: meeting, 2: day, 3: outcome
	ApprovalReferred        ID = "ApprovalReferred"        // 1: committee
	ApprovalNotReferred     ID = "ApprovalNotReferred"     // 1: committee
	ApprovalRatified        ID = "ApprovalRatified"        // 1: committee
	ApprovalToRatify        ID = "ApprovalToRatify"        // 1: committee, 2: by when
	ApprovalLapsed          ID = "ApprovalLapsed"          // 1: committee, 2: by when
	ApprovalNotRatified     ID = "ApprovalNotRatified"     // 1: committee
	ApplicationIncomplete   ID = "ApplicationIncomplete"   // 1: application, 2: fields
	ApplicationLate         ID = "ApplicationLate"         // 1: application, 2: fiscal year, 3: last day
	FiscalYearPast          ID = "FiscalYearPast"          // 1: application, 2: fiscal year
	DataIsOwn               ID = "DataIsOwn"               // 1: application, 2: uses
	DataSectionUnknown      ID = "DataSectionUnknown"      // 1: application, 2: use, 3: section
	DataSectionGone         ID = "DataSectionGone"         // 1: application, 2: use, 3: section
	AnswersNothing          ID = "AnswersNothing"          // 1: application, 2: the one that it answers
	AnsweredAlready         ID = "AnsweredAlready"         // 1: application, 2: the one that it answers, 3: which does so already
	NotMinor                ID = "NotMinor"                // 1: application, 2: what it widens, 3: applicants
	ConsentsNotGiven        ID = "ConsentsNotGiven"        // 1: application, 2: consents
	OutcomeDiffers          ID = "OutcomeDiffers"          // 1: application, 2: decision, 3: meeting, 4: outcome
	NoMeetingDecided        ID = "NoMeetingDecided"        // 1: application, 2: committee
	RatificationOwed        ID = "RatificationOwed"        // 1: application, 2: approvals
	WidensImages            ID = "WidensImages"            // 1: patterns
	WidensNamespaces        ID = "WidensNamespaces"        // 1: namespaces
	WidensData              ID = "WidensData"              // 1: categories
	WidensClass             ID = "WidensClass"             //
	OutcomeApproved         ID = "OutcomeApproved"
	OutcomeDenied           ID = "OutcomeDenied"
	OutcomeReturned         ID = "OutcomeReturned"
)

// OutcomeID is the word for what a meeting decided.
func OutcomeID(outcome v1alpha1.Outcome) ID { return "Outcome" + ID(outcome) }

var procedureSentences = map[ID]sentence{
	ApprovalConsentsGiven: {
		"データを管理する課の長の承認がそろっています（規程第14条）。",
		"Every section whose data it uses has consented (article 14).",
	},
	ApprovalConsentsMissing: {
		"データを管理する課の長の承認がそろっていません（規程第14条）: %[1]s。次に: kubectl get datauseconsents",
		"Sections whose data it uses have not consented (article 14): %[1]s. Next: kubectl get datauseconsents",
	},
	ApprovalMet: {
		"会議 %[1]s（%[2]s）で%[3]s（規程第12条第4項）。",
		"Meeting %[1]s (%[2]s) %[3]s it (article 12-4).",
	},
	ApprovalReferred: {
		"委員会 %[1]s に付議されています（規程第12条第4項）。",
		"It is on an agenda of committee %[1]s (article 12-4).",
	},
	ApprovalNotReferred: {
		"委員会 %[1]s への付議を待っています（規程第12条第4項）。庶務を処理する課が会議の議題に加えてください。",
		"It waits to be put on an agenda of committee %[1]s by its secretariat (article 12-4).",
	},
	ApprovalRatified: {
		"緊急の承認は委員会 %[1]s により追認されました（規程第12条第4項）。",
		"Committee %[1]s ratified the urgent approval (article 12-4).",
	},
	ApprovalToRatify: {
		"緊急の承認は%[2]sまでに委員会 %[1]s の追認を要します（規程第12条第4項）。",
		"Committee %[1]s must ratify the urgent approval by %[2]s (article 12-4).",
	},
	ApprovalLapsed: {
		"緊急の承認は%[2]sまでに委員会 %[1]s の追認がなく、効力を失いました（規程第12条第4項）。",
		"Committee %[1]s did not ratify the urgent approval by %[2]s, and it lapsed (article 12-4).",
	},
	ApprovalNotRatified: {
		"委員会 %[1]s は緊急の承認を追認しませんでした（規程第12条第4項）。",
		"Committee %[1]s did not ratify the urgent approval (article 12-4).",
	},
	ApplicationIncomplete: {
		"申請 %[1]s には %[2]s がありません（規程第12条）。書いてから提出してください。次に: kubectl explain changeapproval.spec",
		"Application %[1]s lacks %[2]s (article 12): write them, then submit it. Next: kubectl explain changeapproval.spec",
	},
	ApplicationLate: {
		"申請 %[1]s は%[2]sの導入等についてのもので、申請は%[3]sまででした（規程第12条第2項）。法令改正等緊急に行う必要があるときは、spec.urgency にその理由を書いてください。" +
			"次に: kubectl explain changeapproval.spec.urgency",
		"Application %[1]s is for %[2]s, for which to apply until %[3]s (article 12-2). Where the change cannot wait, state why in " +
			"spec.urgency. Next: kubectl explain changeapproval.spec.urgency",
	},
	FiscalYearPast: {
		"申請 %[1]s の%[2]sは過ぎています（規程第12条第2項）。spec.fiscalYear を改めてください。次に: kubectl explain changeapproval.spec.fiscalYear",
		"Application %[1]s is for %[2]s, which is over (article 12-2): set spec.fiscalYear anew. " +
			"Next: kubectl explain changeapproval.spec.fiscalYear",
	},
	DataIsOwn: {
		"申請 %[1]s のデータ利用 %[2]s は、システムを管理する課自身のデータです（規程第14条）。協議は要りません。spec.dataUse から除いてください。",
		"Application %[1]s lists uses of data that its own section manages: %[2]s (article 14). They need no consent: take them out " +
			"of spec.dataUse.",
	},
	DataSectionUnknown: {
		"申請 %[1]s のデータ利用 %[2]s が挙げる課 %[3]s は登録されていません（規程第14条）。次に: kubectl get managingsections",
		"Application %[1]s names section %[3]s for the data %[2]s, which is not registered (article 14). " +
			"Next: kubectl get managingsections",
	},
	DataSectionGone: {
		"申請 %[1]s のデータ利用 %[2]s が挙げる課 %[3]s は今日存在せず、引き継ぐ課もありません（規程第14条）。今そのデータを管理する課を spec.dataUse に挙げるか、" +
			"台帳の管理者が引き継ぐ課を定めてください。次に: kubectl get managingsection %[3]s -o yaml",
		"Application %[1]s names section %[3]s for the data %[2]s, which does not exist today, nor does one that follows it (article 14). " +
			"Name the section that manages the data now in spec.dataUse, or have the registrar name the successor. " +
			"Next: kubectl get managingsection %[3]s -o yaml",
	},
	AnswersNothing: {
		"申請 %[1]s が答える %[2]s は、同じシステムの差し戻された申請ではありません（規程第12条）。次に: kubectl get changeapprovals",
		"Application %[1]s answers %[2]s, which is no application for the same system that was returned (article 12). " +
			"Next: kubectl get changeapprovals",
	},
	AnsweredAlready: {
		"差し戻された申請 %[2]s には、すでに %[3]s が提出されています（規程第12条）。申請 %[1]s は提出できません。次に: kubectl get changeapproval %[3]s",
		"Application %[1]s cannot be submitted: %[3]s already answers %[2]s (article 12). Next: kubectl get changeapproval %[3]s",
	},
	NotMinor: {
		"申請 %[1]s は軽易な変更ではありません（規程第13条）: %[2]s。%[3]sが変更（Modification）として申請してください。次に: kubectl kitei review %[1]s",
		"Application %[1]s is no minor change (article 13): %[2]s. A Modification is needed, for which %[3]s must apply. " +
			"Next: kubectl kitei review %[1]s",
	},
	ConsentsNotGiven: {
		"申請 %[1]s には、データを管理する課の長の承認がそろっていません（規程第14条）: %[2]s。次に: kubectl get datauseconsents",
		"Application %[1]s lacks the consent of those whose data it uses (article 14): %[2]s. Next: kubectl get datauseconsents",
	},
	OutcomeDiffers: {
		"申請 %[1]s を %[2]s とすることはできません。会議 %[3]s で%[4]s（規程第12条第4項）。次に: kubectl get committeemeeting %[3]s -o yaml",
		"Application %[1]s cannot be %[2]s: meeting %[3]s %[4]s it (article 12-4). Next: kubectl get committeemeeting %[3]s -o yaml",
	},
	NoMeetingDecided: {
		"申請 %[1]s の可否は、委員会 %[2]s の成立した会議で決定されていません（規程第12条第4項・第19条）。委員長が会議の記録を確認してから決定してください。" +
			"次に: kubectl get committeemeetings",
		"No quorate meeting of committee %[2]s has decided application %[1]s (articles 12-4 and 19): the chair confirms the record " +
			"of the meeting first. Next: kubectl get committeemeetings",
	},
	RatificationOwed: {
		"申請 %[1]s を緊急に承認できません。同じ課の緊急の承認 %[2]s が追認を待っています（規程第12条第4項）。先に運営委員会に付議してください。" +
			"次に: kubectl get changeapprovals",
		"Application %[1]s cannot be approved in urgency: the section still owes the committee the ratification of %[2]s " +
			"(article 12-4). Refer that first. Next: kubectl get changeapprovals",
	},
	WidensImages:     {"承認されていないレジストリ・リポジトリ %[1]s", "registries or repositories not yet approved (%[1]s)"},
	WidensNamespaces: {"承認されていない名前空間 %[1]s", "namespaces not yet approved (%[1]s)"},
	WidensData:       {"新たなデータの区分 %[1]s", "new data categories (%[1]s)"},
	WidensClass:      {"情報資産の分類の変更", "another classification"},
	OutcomeApproved:  {"可決されました", "approved"},
	OutcomeDenied:    {"否決されました", "denied"},
	OutcomeReturned:  {"差し戻されました", "returned"},
}
