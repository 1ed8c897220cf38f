package message

// Committees and their meetings (articles 15 to 24).
const (
	NotEntitledToCompose   ID = "NotEntitledToCompose"   // 1: who asks, 2: committee, 3: offices
	CommitteeHeadless      ID = "CommitteeHeadless"      // 1: section
	NotSecretariat         ID = "NotSecretariat"         // 1: who asks, 2: meeting, 3: section
	CommitteeNotFound      ID = "CommitteeNotFound"      // 1: meeting, 2: committee
	MeetingDayBad          ID = "MeetingDayBad"          // 1: meeting, 2: day
	AttendeesWithoutSeat   ID = "AttendeesWithoutSeat"   // 1: meeting, 2: attendees, 3: committee
	MeetingFrozen          ID = "MeetingFrozen"          // 1: meeting, 2: confirmed by
	MeetingStays           ID = "MeetingStays"           // 1: meeting, 2: confirmed by
	MeetingStampForged     ID = "MeetingStampForged"     // 1: field
	MeetingStampUnexpected ID = "MeetingStampUnexpected" // 1: meeting
	MeetingConditions      ID = "MeetingConditions"      // 1: meeting
	NotChair               ID = "NotChair"               // 1: who asks, 2: meeting, 3: offices
	MeetingToCome          ID = "MeetingToCome"          // 1: meeting, 2: day, 3: today
	QuorumMissed           ID = "QuorumMissed"           // 1: meeting, 2: attended, 3: seats, 4: quorum
	AgendaRefused          ID = "AgendaRefused"          // 1: meeting, 2: what is wrong
	AgendaNotFound         ID = "AgendaNotFound"         // 1: application
	AgendaDraft            ID = "AgendaDraft"            // 1: application
	AgendaMinor            ID = "AgendaMinor"            // 1: application
	AgendaLate             ID = "AgendaLate"             // 1: application, 2: day of its submission
	AgendaDecided          ID = "AgendaDecided"          // 1: application, 2: decision
	AgendaSettled          ID = "AgendaSettled"          // 1: application
	MeetingQuorate         ID = "MeetingQuorate"         // 1: attended, 2: seats, 3: quorum
	MeetingConfirmed       ID = "MeetingConfirmed"       // 1: confirmed by
	MeetingUnconfirmed     ID = "MeetingUnconfirmed"     // 1: offices, 2: meeting
)

var committeeSentences = map[ID]sentence{
	NotEntitledToCompose: {
		"%[1]s は委員会%[2]sの委員・定足数・庶務を変えられる職にありません（規程第17条・第22条）。変えられるのは%[3]sです。",
		"%[1]s holds no office that can change the members, quorum or secretariat of committee %[2]s (articles 17 and 22). " +
			"That is for %[3]s.",
	},
	CommitteeHeadless: {
		"委員会の庶務を処理する %[1]s に長がいません（規程第19条・第24条）。",
		"Nobody heads %[1]s, the committee's secretariat (articles 19 and 24).",
	},
	NotSecretariat: {
		"%[1]s は会議の記録 %[2]s を書けません（規程第19条・第24条）。書けるのは委員会の庶務を処理する「%[3]s」の長と職員です。次に: kubectl get committees",
		"%[1]s cannot write the record of meeting %[2]s (articles 19 and 24). The head and the members of section %[3]s, the " +
			"committee's secretariat, can. Next: kubectl get committees",
	},
	CommitteeNotFound: {
		"会議の記録 %[1]s の委員会 %[2]s はありません（規程第15条・第20条）。次に: kubectl get committees",
		"Committee %[2]s of meeting %[1]s does not exist (articles 15 and 20). Next: kubectl get committees",
	},
	MeetingDayBad: {
		"会議の記録 %[1]s の spec.heldOn（%[2]s）は暦にない日です（規程第19条）。",
		"spec.heldOn of meeting %[1]s (%[2]s) is no day of the calendar (article 19).",
	},
	AttendeesWithoutSeat: {
		"会議の記録 %[1]s の出席者 %[2]s は委員会%[3]sの委員ではありません（規程第17条・第22条）。委員でない者は spec.guests に書いてください。次に: kubectl get committees -o yaml",
		"These attendees of meeting %[1]s have no seat on committee %[3]s: %[2]s (articles 17 and 22). Write who is no member into " +
			"spec.guests. Next: kubectl get committees -o yaml",
	},
	MeetingFrozen: {
		"会議の記録 %[1]s は委員長（%[2]s）が確認済みで、変えられません（規程第18条・第23条）。次に: kubectl get committeemeeting %[1]s -o yaml",
		"The record of meeting %[1]s was confirmed by the chair (%[2]s) and cannot change (articles 18 and 23). " +
			"Next: kubectl get committeemeeting %[1]s -o yaml",
	},
	MeetingStays: {
		"会議の記録 %[1]s は委員長（%[2]s）が確認済みで、削除できません（規程第18条・第23条）。",
		"The record of meeting %[1]s was confirmed by the chair (%[2]s) and stays (articles 18 and 23).",
	},
	MeetingStampForged: {
		"%[1]s は Kitei が認証された要求から記録する欄で、書き込めません（規程第18条）。この欄を除いてやり直してください。",
		"%[1]s is stamped by Kitei from the authenticated request and cannot be written (article 18). Leave it out and try again.",
	},
	MeetingStampUnexpected: {
		"会議の記録 %[1]s の確認が認証された要求と一致しません（規程第18条）。ほかの変更用 webhook が書き換えていないか確かめてください。" +
			"次に: kubectl get mutatingwebhookconfigurations",
		"The confirmation of meeting %[1]s does not match the authenticated request (article 18). See whether another mutating " +
			"webhook changes it. Next: kubectl get mutatingwebhookconfigurations",
	},
	MeetingConditions: {
		"会議の記録 %[1]s の status.conditions は Kitei だけが書き込めます（規程第18条）。status.state だけを変えてください。",
		"Only Kitei writes status.conditions of meeting %[1]s (article 18). Change status.state alone.",
	},
	NotChair: {
		"%[1]s は会議の記録 %[2]s を確認できる職にありません（規程第17条・第22条）。確認できるのは委員長である%[3]sです。",
		"%[1]s holds no office that can confirm meeting %[2]s (articles 17 and 22). That is for the chair: %[3]s.",
	},
	MeetingToCome: {
		"会議の記録 %[1]s はまだ確認できません（規程第19条）。会議の日は%[2]sで、今日は%[3]sです。",
		"Meeting %[1]s cannot be confirmed yet (article 19): it is to be held on %[2]s, and today is %[3]s.",
	},
	QuorumMissed: {
		"会議 %[1]s の出席は委員%[3]d人中%[2]d人で、定足数の%[4]d人に足りないため、この会議は何も決定できません（規程第19条第1項）。",
		"Meeting %[1]s had %[2]d of %[3]d members attending, and needed %[4]d: it decides nothing (article 19-1).",
	},
	AgendaRefused: {
		"会議の記録 %[1]s の議題に誤りがあります（規程第12条第4項）: %[2]s。庶務を処理する課が記録を正してください。次に: kubectl edit committeemeeting %[1]s",
		"The agenda of meeting %[1]s is not right (article 12-4): %[2]s. The secretariat mends the record. " +
			"Next: kubectl edit committeemeeting %[1]s",
	},
	AgendaNotFound: {"%[1]s という申請はありません", "there is no application %[1]s"},
	AgendaDraft:    {"申請 %[1]s は提出されていません", "application %[1]s was not submitted"},
	AgendaMinor:    {"申請 %[1]s は軽易な変更で、委員会は決定しません", "application %[1]s is a minor change, which no committee decides"},
	AgendaLate: {
		"申請 %[1]s が提出されたのは会議の後（%[2]s）です",
		"application %[1]s was submitted after the meeting, on %[2]s",
	},
	AgendaDecided: {"申請 %[1]s は既に決定されています（%[2]s）", "application %[1]s was decided otherwise already (%[2]s)"},
	AgendaSettled: {
		"緊急の承認 %[1]s は既に別の会議が決定しています",
		"another meeting decided already on the urgent approval %[1]s",
	},
	MeetingQuorate: {
		"委員%[2]d人中%[1]d人が出席しました（定足数%[3]d人、規程第19条）。",
		"%[1]d of %[2]d members attended; the quorum is %[3]d (article 19).",
	},
	MeetingConfirmed: {"委員長（%[1]s）が確認しました（規程第18条・第23条）。", "Confirmed by the chair (%[1]s; articles 18 and 23)."},
	MeetingUnconfirmed: {
		"委員長である%[1]sの確認を待っています（規程第18条・第23条）。" +
			`次に: kubectl patch committeemeeting %[2]s --subresource=status --type=merge -p '{"status":{"state":"Confirmed"}}'`,
		"Waits for the confirmation of the chair, %[1]s (articles 18 and 23). " +
			`Next: kubectl patch committeemeeting %[2]s --subresource=status --type=merge -p '{"status":{"state":"Confirmed"}}'`,
	},
}
