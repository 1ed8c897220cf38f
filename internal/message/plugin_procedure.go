package message

// Sentences of the plugin's commands of the procedure (articles 12 to 24).
const (
	PluginNewShort              ID = "PluginNewShort"
	PluginNewLong               ID = "PluginNewLong"
	PluginSubmitShort           ID = "PluginSubmitShort"
	PluginSubmitLong            ID = "PluginSubmitLong"
	PluginPendingShort          ID = "PluginPendingShort"
	PluginPendingLong           ID = "PluginPendingLong"
	PluginReviewShort           ID = "PluginReviewShort"
	PluginHistoryShort          ID = "PluginHistoryShort"
	PluginMeetingShort          ID = "PluginMeetingShort"
	PluginMeetingLong           ID = "PluginMeetingLong"
	PluginRecordShort           ID = "PluginRecordShort"
	PluginConfirmShort          ID = "PluginConfirmShort"
	PluginFlagAll               ID = "PluginFlagAll"
	PluginFlagCommittee         ID = "PluginFlagCommittee"
	PluginFlagOn                ID = "PluginFlagOn"
	PluginFlagAttendees         ID = "PluginFlagAttendees"
	PluginFlagGuests            ID = "PluginFlagGuests"
	PluginFlagAgenda            ID = "PluginFlagAgenda"
	PluginFlagDecide            ID = "PluginFlagDecide"
	PluginFlagType              ID = "PluginFlagType"
	PluginFlagTitle             ID = "PluginFlagTitle"
	PluginFlagImage             ID = "PluginFlagImage"
	PluginFlagYear              ID = "PluginFlagYear"
	PluginFlagUrgency           ID = "PluginFlagUrgency"
	PluginFlagAnswers           ID = "PluginFlagAnswers"
	PluginFlagNamespaces        ID = "PluginFlagNamespaces"
	PluginFlagClass             ID = "PluginFlagClass"
	PluginFlagDataCategories    ID = "PluginFlagDataCategories"
	PluginFlagNotBefore         ID = "PluginFlagNotBefore"
	PluginFlagNotAfter          ID = "PluginFlagNotAfter"
	PluginFlagDataUse           ID = "PluginFlagDataUse"
	PluginFlagDataUseCategories ID = "PluginFlagDataUseCategories"
	PluginFlagDataUseItems      ID = "PluginFlagDataUseItems"
	PluginFlagDataUseProcedure  ID = "PluginFlagDataUseProcedure"
	PluginNoSuchUse             ID = "PluginNoSuchUse" // 1: flag, 2: name of a use
	PluginConsentShort          ID = "PluginConsentShort"
	PluginConsentLong           ID = "PluginConsentLong"
	PluginConsentApproveShort   ID = "PluginConsentApproveShort"
	PluginConsentDenyShort      ID = "PluginConsentDenyShort"
	PluginConsentRevokeShort    ID = "PluginConsentRevokeShort"
	PluginApplication           ID = "PluginApplication"
	PluginUsedData              ID = "PluginUsedData"
	PluginFlagInteractive       ID = "PluginFlagInteractive"
	PluginFlagCreate            ID = "PluginFlagCreate"
	PluginAskWelfare            ID = "PluginAskWelfare"
	PluginAskEfficiency         ID = "PluginAskEfficiency"
	PluginAskProtection         ID = "PluginAskProtection"
	PluginAskNecessity          ID = "PluginAskNecessity"
	PluginAskCost               ID = "PluginAskCost"
	PluginAskEffect             ID = "PluginAskEffect"
	PluginAskAlternatives       ID = "PluginAskAlternatives"
	PluginNewArguments          ID = "PluginNewArguments"
	PluginTitleOf               ID = "PluginTitleOf"        // 1: system, 2: type
	PluginSubmitted             ID = "PluginSubmitted"      // 1: application
	PluginNotSubmitted          ID = "PluginNotSubmitted"   // 1: application, 2: error
	PluginCreated               ID = "PluginCreated"        // 1: application
	PluginNotCreated            ID = "PluginNotCreated"     // 1: application, 2: error
	PluginRecorded              ID = "PluginRecorded"       // 1: meeting
	PluginMeetingRefused        ID = "PluginMeetingRefused" // 1: meeting, 2: error
	PluginConfirmed             ID = "PluginConfirmed"      // 1: meeting, 2: who
	PluginNotConfirmed          ID = "PluginNotConfirmed"   // 1: meeting, 2: error
	PluginByMeeting             ID = "PluginByMeeting"      // 1: meeting, 2: day
	PluginYear                  ID = "PluginYear"
	PluginUrgency               ID = "PluginUrgency"
	PluginSubmittedBy           ID = "PluginSubmittedBy"
	PluginHolder                ID = "PluginHolder" // 1: who, 2: office
	PluginWaitsFor              ID = "PluginWaitsFor"
	PluginNamespaces            ID = "PluginNamespaces"
	PluginData                  ID = "PluginData"
	PluginClass                 ID = "PluginClass"
	PluginAttendance            ID = "PluginAttendance"
	PluginAttended              ID = "PluginAttended" // 1: attended, 2: seats, 3: quorum
	PluginAgenda                ID = "PluginAgenda"
	PluginRatification          ID = "PluginRatification"
	PluginRatifyBy              ID = "PluginRatifyBy" // 1: moment
	PluginTask                  ID = "PluginTask"     // 1: what, 2: offices
	PluginTaskSubmit            ID = "PluginTaskSubmit"
	PluginTaskConsent           ID = "PluginTaskConsent"
	PluginTaskRefer             ID = "PluginTaskRefer"
	PluginTaskDecide            ID = "PluginTaskDecide"
	PluginTaskRatify            ID = "PluginTaskRatify"
	PluginTaskConfirm           ID = "PluginTaskConfirm"
	PluginNothingPending        ID = "PluginNothingPending" // 1: who
	PluginNoHistory             ID = "PluginNoHistory"
	PluginWasSubmitted          ID = "PluginWasSubmitted"
	PluginConsentWas            ID = "PluginConsentWas" // 1: use, 2: decision
	PluginMeetingWas            ID = "PluginMeetingWas" // 1: meeting, 2: outcome
	PluginImageKept             ID = "PluginImageKept"  // 1: pattern
	PluginImageAdded            ID = "PluginImageAdded" // 1: pattern
	PluginImageNew              ID = "PluginImageNew"   // 1: pattern
	PluginAdded                 ID = "PluginAdded"      // 1: name
)

var pluginProcedureSentences = map[ID]sentence{
	PluginNewShort: {"導入等の申請の下書きを作ります（規程第12条・第13条）", "Write the draft of an application (articles 12 and 13)"},
	PluginNewLong: {
		"台帳とフラグから下書きを作り、標準出力に書きます。-i で足りない項目を順に尋ね、--create で下書きをクラスターに作ります。提出は kubectl kitei submit です。",
		"Fills a draft from the register and the flags, and writes it to the standard output. -i asks for what is missing, --create makes the draft in the cluster. It is submitted with kubectl kitei submit.",
	},
	PluginSubmitShort: {"下書きを提出します", "Submit drafts"},
	PluginSubmitLong: {
		"申請できる職にある者が下書きを提出します。提出した申請は変更できません。",
		"Whoever holds an office entitled to apply submits a draft. What is submitted cannot change.",
	},
	PluginPendingShort: {"自分の職の処理を待っているものを並べます", "List what waits for me, by office"},
	PluginPendingLong: {
		"提出、データ利用の承認、付議、会議の記録の確認、決定、追認のうち、自分の職が行うものを並べます。--all は全員の分を並べます。",
		"Lists the submissions, consents, referrals, confirmations, decisions and ratifications that wait for an office that I hold; with --all, those that wait for anybody.",
	},
	PluginReviewShort:  {"申請が、承認されている内容から何を変えるかを示します", "Say what an application changes against what is approved"},
	PluginHistoryShort: {"システムの申請と決定の経過を並べます", "List what was applied for and decided of a system"},
	PluginMeetingShort: {
		"委員会の会議を記録し、確認します",
		"Record and confirm meetings of a committee",
	},
	PluginMeetingLong: {
		"庶務を処理する課が会議を記録し（record）、委員長が確認します（confirm）。確認すると、議題の申請を会議の決定のとおりに決定します。",
		"The secretariat records a meeting (record), and the chair confirms it (confirm), which also decides the applications on its agenda as the meeting did.",
	},
	PluginRecordShort:   {"会議の記録を作ります", "Record a meeting"},
	PluginConfirmShort:  {"会議の記録を確認し、議題の申請を決定します", "Confirm the record of a meeting and decide its applications"},
	PluginFlagAll:       {"全員の分を並べます", "list what waits for anybody"},
	PluginFlagCommittee: {"委員会（既定は運営委員会）", "committee (the default is the steering committee)"},
	PluginFlagOn:        {"開催日 YYYY-MM-DD（既定は今日）", "day of the meeting, YYYY-MM-DD (the default is today)"},
	PluginFlagAttendees: {"出席した委員の席の名前", "names of the seats whose holders attended"},
	PluginFlagGuests:    {"委員以外の出席者", "who attended without being a member"},
	PluginFlagAgenda: {
		"議題: 申請の名前、又は 名前=Approved・Denied・Returned",
		"agenda: names of applications, each with =Approved, =Denied or =Returned",
	},
	PluginFlagDecide: {"議題の申請を会議の決定のとおりに決定します", "decide the applications as the meeting did"},
	PluginFlagType: {
		"Introduction、Computerization、Modification 又は MinorChange",
		"Introduction, Computerization, Modification or MinorChange",
	},
	PluginFlagTitle: {"件名", "title of the application"},
	PluginFlagImage: {"承認を求めるイメージの型", "image pattern to be approved"},
	PluginFlagYear: {
		"年度（西暦。既定は申請の期限が過ぎていない次の年度）",
		"fiscal year (the default is the next one for which it is not too late)",
	},
	PluginFlagUrgency:    {"緊急に行う必要がある理由", "why the change cannot wait"},
	PluginFlagAnswers:    {"差し戻された申請のうち、これが答えるもの", "the returned application that this one answers"},
	PluginFlagNamespaces: {"承認を求める名前空間（既定はシステムのすべて）", "namespaces to be approved (the default is every one of the system)"},
	PluginFlagClass: {
		"変更後の分類 機密性/完全性/可用性（例: 3B/2/2）",
		"class after the change: CONFIDENTIALITY/INTEGRITY/AVAILABILITY, such as 3B/2/2",
	},
	PluginFlagDataCategories: {
		"変更後に扱うデータの区分: PersonalInformation、IndividualNumber、SpecificPersonalInformation",
		"what the system handles after the change: PersonalInformation, IndividualNumber, SpecificPersonalInformation",
	},
	PluginFlagNotBefore: {
		"承認が効力を持つ最初の日 YYYY-MM-DD（既定は決定のとき）",
		"first day on which the approval is in effect, YYYY-MM-DD (the default is from the decision on)",
	},
	PluginFlagNotAfter: {
		"承認が効力を失う日 YYYY-MM-DD（既定は無期限）",
		"day from which it is no longer in effect, YYYY-MM-DD (the default is never)",
	},
	PluginFlagDataUse: {
		"ほかの課のデータの利用: 名前=課:データ（繰り返し可）",
		"use of another section's data: NAME=SECTION:DATA (may be repeated)",
	},
	PluginFlagDataUseCategories: {
		"利用するデータの区分: 名前=PersonalInformation,…（個人情報のとき）",
		"categories of the data of a use: NAME=PersonalInformation,… (where it is personal information)",
	},
	PluginFlagDataUseItems: {
		"利用するデータが住民基本台帳法第7条のこれらの号だけであること: 名前=1,2",
		"the data of a use is only these items of article 7 of the Basic Resident Register Act: NAME=1,2",
	},
	PluginFlagDataUseProcedure: {
		"個人情報の利用について保護条例の定める手続: 名前=手続",
		"the procedure that the ordinance asks for, for personal information: NAME=PROCEDURE",
	},
	PluginNoSuchUse: {
		"%[1]s の %[2]s という利用がありません: --data-use %[2]s=課:データ を加えてください",
		"%[1]s names the use %[2]s, which there is none of: add --data-use %[2]s=SECTION:DATA",
	},
	PluginConsentShort: {"データ利用の協議を決定します（規程第14条）", "Decide on the use of my section's data (article 14)"},
	PluginConsentLong: {
		"利用されるデータを管理する課の長が、申請ごとのデータ利用の協議を決定します。名前は協議のもの、又は申請のものです。申請の名前を書くと、その申請の協議のうち自分の課のものを決定します。",
		"The head of the section whose data an application uses decides on that use. NAME is that of the consent, or that of the application: " +
			"it then stands for the consents of the application that are the reader's to give.",
	},
	PluginConsentApproveShort: {"データの利用を承認します", "Consent to the use of data"},
	PluginConsentDenyShort:    {"データの利用を承認しません", "Refuse the use of data"},
	PluginConsentRevokeShort:  {"データの利用の承認を取り消します", "Revoke a consent to the use of data"},
	PluginApplication:         {"申請", "Application"},
	PluginUsedData:            {"データ", "Data"},
	PluginFlagInteractive:     {"足りない項目を順に尋ねます", "ask for what is missing"},
	PluginFlagCreate:          {"下書きをクラスターに作ります", "make the draft in the cluster"},
	PluginAskWelfare:          {"区民福祉の増進にどう寄与するか:", "how it serves the residents' welfare:"},
	PluginAskEfficiency: {
		"行財政運営の効率化にどう寄与するか:",
		"how it makes the administration more efficient:",
	},
	PluginAskProtection:   {"個人情報の保護にどう適合するか:", "how it protects personal information :"},
	PluginAskNecessity:    {"必要性:", "necessity:"},
	PluginAskCost:         {"費用:", "cost:"},
	PluginAskEffect:       {"効果:", "effect:"},
	PluginAskAlternatives: {"代替手段等の有無:", "alternatives:"},
	PluginNewArguments:    {"申請の名前とシステムの名前を続けて書いてください", "Give the name of the application and that of the system"},
	PluginTitleOf:         {"%[1]sの%[2]sについて", "On %[1]s: %[2]s"},
	PluginSubmitted:       {"提出しました: %[1]s", "Submitted: %[1]s"},
	PluginNotSubmitted:    {"%[1]s は提出されませんでした: %[2]s", "%[1]s was not submitted: %[2]s"},
	PluginCreated:         {"下書きを作りました: %[1]s", "Draft made: %[1]s"},
	PluginNotCreated:      {"下書き %[1]s は作られませんでした: %[2]s", "Draft %[1]s was not made: %[2]s"},
	PluginRecorded:        {"会議を記録しました: %[1]s", "Recorded: %[1]s"},
	PluginMeetingRefused:  {"会議 %[1]s は記録されませんでした: %[2]s", "Meeting %[1]s was not recorded: %[2]s"},
	PluginConfirmed:       {"会議 %[1]s の記録は %[2]s が確認しました", "The record of meeting %[1]s is confirmed by %[2]s"},
	PluginNotConfirmed:    {"会議 %[1]s の記録は確認されませんでした: %[2]s", "The record of meeting %[1]s was not confirmed: %[2]s"},
	PluginByMeeting:       {"会議 %[1]s（%[2]s）の決定による", "By the decision of meeting %[1]s (%[2]s)"},
	PluginYear:            {"年度", "Year"},
	PluginUrgency:         {"緊急の理由", "Urgency"},
	PluginSubmittedBy:     {"提出", "Submitted"},
	PluginHolder:          {"%[1]s（%[2]s）", "%[1]s (%[2]s)"},
	PluginWaitsFor:        {"待ち", "Waits for"},
	PluginNamespaces:      {"名前空間", "Namespaces"},
	PluginData:            {"データの区分", "Data"},
	PluginClass:           {"分類", "Class"},
	PluginAttendance:      {"出席", "Attendance"},
	PluginAttended:        {"%[1]d 人（委員 %[2]d 人、定足数 %[3]d 人）", "%[1]d (of %[2]d seats; quorum %[3]d)"},
	PluginAgenda:          {"議題", "Agenda"},
	PluginRatification:    {"追認", "Ratify"},
	PluginRatifyBy: {
		"会議の前の緊急の承認です。%[1]sまでに委員会の追認がなければ効力を失います（規程第12条）",
		"given in urgency, before a meeting: it lapses unless the committee ratifies it by %[1]s (article 12)",
	},
	PluginTask:           {"%[1]s: %[2]s", "%[1]s: %[2]s"},
	PluginTaskSubmit:     {"提出", "Submit"},
	PluginTaskConsent:    {"データ利用の承認", "Consent"},
	PluginTaskRefer:      {"委員会への付議", "Refer to the committee"},
	PluginTaskDecide:     {"決定", "Decide"},
	PluginTaskRatify:     {"追認の付議", "Refer for ratification"},
	PluginTaskConfirm:    {"会議の記録の確認", "Confirm the record"},
	PluginNothingPending: {"%[1]s の処理を待っているものはありません", "Nothing waits for %[1]s"},
	PluginNoHistory:      {"申請はまだありません", "Nothing was applied for yet"},
	PluginWasSubmitted:   {"提出", "submitted"},
	PluginConsentWas:     {"データ利用 %[1]s: %[2]s", "data use %[1]s: %[2]s"},
	PluginMeetingWas:     {"会議 %[1]s で%[2]s", "meeting %[1]s %[2]s it"},
	PluginImageKept:      {"%[1]s（承認済み）", "%[1]s (approved already)"},
	PluginImageAdded:     {"%[1]s（追加）", "%[1]s (added)"},
	PluginImageNew:       {"%[1]s（承認されていないリポジトリ）", "%[1]s (a repository not yet approved)"},
	PluginAdded:          {"%[1]s（追加）", "%[1]s (added)"},
}
