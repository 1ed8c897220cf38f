package message

// Sentences by which an applicant is told of a decision, and what the condition Notified says of it. What begins with Notice is
// a part of a mail, or of a sentence of the condition.
const (
	NoticeTitle     ID = "NoticeTitle"     // 1: decision, 2: title, 3: application
	NoticeArticle12 ID = "NoticeArticle12" //
	NoticeArticle13 ID = "NoticeArticle13" //
	NoticeField     ID = "NoticeField"     // 1: label, 2: value
	NoticeResult    ID = "NoticeResult"
	NoticeName      ID = "NoticeName"
	NoticeSubject   ID = "NoticeSubject"
	NoticeType      ID = "NoticeType"
	NoticeSystem    ID = "NoticeSystem"
	NoticeDecider   ID = "NoticeDecider"
	NoticeAt        ID = "NoticeAt"
	NoticeReason    ID = "NoticeReason"
	NoticeNoReason  ID = "NoticeNoReason"
	NoticeFrom      ID = "NoticeFrom"
	NoticeUntil     ID = "NoticeUntil"
	NoticeAutomatic ID = "NoticeAutomatic"

	NoticeApproved ID = "NoticeApproved"
	NoticeDenied   ID = "NoticeDenied"
	NoticeReturned ID = "NoticeReturned"
	NoticeRevoked  ID = "NoticeRevoked"

	NoticeNextApproved ID = "NoticeNextApproved" // 1: application
	NoticeNextDenied   ID = "NoticeNextDenied"   // 1: application
	NoticeNextReturned ID = "NoticeNextReturned" // 1: application
	NoticeNextRevoked  ID = "NoticeNextRevoked"  // 1: application

	NoticeChannelEvent      ID = "NoticeChannelEvent"
	NoticeChannelMail       ID = "NoticeChannelMail"
	NoticeChannelCloudEvent ID = "NoticeChannelCloudEvent"
	NoticeChannelTold       ID = "NoticeChannelTold"   // 1: channel, 2: decision, 3: time
	NoticeChannelTo         ID = "NoticeChannelTo"     // 1: what NoticeChannelTold says, 2: addresses
	NoticeChannelUntold     ID = "NoticeChannelUntold" // 1: channel, 2: decision, 3: why

	NoticeUntried              ID = "NoticeUntried"
	NoticeSending              ID = "NoticeSending"
	NoticeNoAddress            ID = "NoticeNoAddress"
	NoticeAttempts             ID = "NoticeAttempts" // 1: what went wrong, 2: attempts
	NoticeFailureUnreachable   ID = "NoticeFailureUnreachable"
	NoticeFailureUntrusted     ID = "NoticeFailureUntrusted"
	NoticeFailureUnauthorized  ID = "NoticeFailureUnauthorized"
	NoticeFailureDeferred      ID = "NoticeFailureDeferred"
	NoticeFailureRejected      ID = "NoticeFailureRejected"
	NoticeFailureMisconfigured ID = "NoticeFailureMisconfigured"

	NotifiedDelivered     ID = "NotifiedDelivered"     // 1: what was told by which channel
	NotifiedPending       ID = "NotifiedPending"       // 1: what is not told, and why
	NotifiedFailed        ID = "NotifiedFailed"        // 1: what is not told, and why
	NotifiedNoAddress     ID = "NotifiedNoAddress"     // 1: offices that applied
	NotifiedNotConfigured ID = "NotifiedNotConfigured" //
	NotifiedNothingYet    ID = "NotifiedNothingYet"    //
	NotifiedUnattested    ID = "NotifiedUnattested"    //
)

var notificationSentences = map[ID]sentence{
	NoticeTitle: {"【%[1]s】%[2]s（%[3]s）", "[%[1]s] %[2]s (%[3]s)"},
	NoticeArticle12: {
		"電子情報システムの導入等の申請について、規程第12条第5項により、その結果を次のとおり通知します。",
		"As article 12-5 has it, this is the result of your application to introduce or change an electronic information system.",
	},
	NoticeArticle13: {
		"軽易な電子情報処理の変更の申請について、規程第13条第2項により、その結果を次のとおり通知します。",
		"As article 13-2 has it, this is the result of your application for a minor change.",
	},
	NoticeField:    {"%[1]s: %[2]s", "%[1]s: %[2]s"},
	NoticeResult:   {"結果", "Result"},
	NoticeName:     {"申請", "Application"},
	NoticeSubject:  {"件名", "Title"},
	NoticeType:     {"種別", "Type"},
	NoticeSystem:   {"電子情報システム", "System"},
	NoticeDecider:  {"決定した職", "Decided by"},
	NoticeAt:       {"決定日時", "Decided at"},
	NoticeReason:   {"理由", "Reason"},
	NoticeNoReason: {"記載なし", "none given"},
	NoticeFrom:     {"効力の始まり", "In effect from"},
	NoticeUntil:    {"効力の終わり", "In effect until"},
	NoticeAutomatic: {
		"このメールは Kitei が送りました。同じ Message-ID のメールが再び届いたときは、同じ通知です。",
		"Kitei sent this mail. Should one with the same Message-ID come again, it is the same notice.",
	},

	NoticeApproved: {"承認", "Approved"},
	NoticeDenied:   {"否決", "Denied"},
	NoticeReturned: {"差戻し", "Returned"},
	NoticeRevoked:  {"取消", "Revoked"},

	NoticeNextApproved: {
		"承認された範囲で動かせます。この承認を待っていた Pod は自動で動き始めます。次に: kubectl describe changeapproval %[1]s",
		"What the approval covers may run; Pods that waited for it start by themselves. " +
			"Next: kubectl describe changeapproval %[1]s",
	},
	NoticeNextDenied: {
		"申請した内容では動かせません。理由を確かめ、必要であれば改めて申請してください。次に: kubectl describe changeapproval %[1]s",
		"It may not run as applied for. See the reason, and apply anew if need be. Next: kubectl describe changeapproval %[1]s",
	},
	NoticeNextReturned: {
		"理由に沿って内容を直し、新たな申請を提出してください。次に: kubectl get changeapproval %[1]s -o yaml",
		"Amend it as the reason says, and submit a new application. Next: kubectl get changeapproval %[1]s -o yaml",
	},
	NoticeNextRevoked: {
		"この承認で新たに動かすことはできません。続けるには改めて申請してください。次に: kubectl describe changeapproval %[1]s",
		"Nothing new runs by this approval. To go on, apply anew. Next: kubectl describe changeapproval %[1]s",
	},

	NoticeChannelEvent:      {"Event", "Event"},
	NoticeChannelMail:       {"メール", "mail"},
	NoticeChannelCloudEvent: {"CloudEvent", "CloudEvent"},
	NoticeChannelTold:       {"%[1]s（%[2]s、%[3]s）", "%[1]s (%[2]s, %[3]s)"},
	NoticeChannelTo:         {"%[1]s 宛先 %[2]s", "%[1]s to %[2]s"},
	NoticeChannelUntold:     {"%[1]s（%[2]s）: %[3]s", "%[1]s (%[2]s): %[3]s"},

	NoticeUntried:             {"これから送ります", "about to be sent"},
	NoticeSending:             {"送っています", "on its way"},
	NoticeNoAddress:           {"宛先がありません", "no address"},
	NoticeAttempts:            {"%[1]s、試行 %[2]d 回", "%[1]s, attempts so far: %[2]d"},
	NoticeFailureUnreachable:  {"つながりません（Unreachable）", "no connection (Unreachable)"},
	NoticeFailureUntrusted:    {"TLS で確かめられません（Untrusted）", "not to be trusted by TLS (Untrusted)"},
	NoticeFailureUnauthorized: {"認証されません（Unauthorized）", "credentials not accepted (Unauthorized)"},
	NoticeFailureDeferred:     {"後にするよう求められました（Deferred）", "asked to come again later (Deferred)"},
	NoticeFailureRejected:     {"受け取りを拒まれました（Rejected）", "refused (Rejected)"},
	NoticeFailureMisconfigured: {
		"設定に足りないものがあります（Misconfigured）",
		"something is missing in its settings (Misconfigured)",
	},

	NotifiedDelivered: {
		"申請者に通知しました（規程第12条・第13条）: %[1]s",
		"The applicant was told (articles 12 and 13): %[1]s",
	},
	NotifiedPending: {
		"申請者にまだ通知していません（規程第12条・第13条）。自動で送り直します: %[1]s",
		"The applicant is not told yet (articles 12 and 13); it is tried again by itself: %[1]s",
	},
	NotifiedFailed: {
		"申請者に通知できていません（規程第12条・第13条）: %[1]s。次に: kubectl get regulation regulation -o yaml",
		"The applicant could not be told (articles 12 and 13): %[1]s. Next: kubectl get regulation regulation -o yaml",
	},
	NotifiedNoAddress: {
		"申請した%[1]sのメールアドレス（spec.head.emails）が登録されていないため、メールで通知できません（規程第12条・第13条）。登録すれば送ります。",
		"No mail address (spec.head.emails) is registered for the office that applied, which is %[1]s (articles 12 and 13). " +
			"The mail goes out once there is one.",
	},
	NotifiedNotConfigured: {
		"通知の手段（spec.notification）が規程に定められていません（規程第12条・第13条）。次に: kubectl get regulation regulation -o yaml",
		"The Regulation has no way of telling the applicant (spec.notification; articles 12 and 13). " +
			"Next: kubectl get regulation regulation -o yaml",
	},
	NotifiedNothingYet: {
		"まだ決定されていないので、通知することがありません（規程第12条・第13条）。",
		"Nothing is decided yet, so there is nothing to tell (articles 12 and 13).",
	},
	NotifiedUnattested: {
		"誰が決定したかの証明がないため、通知しません（規程第12条・第13条）。",
		"Kitei cannot attest who decided, so nobody is told (articles 12 and 13).",
	},
}
