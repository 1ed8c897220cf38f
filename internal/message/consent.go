package message

// Consents to the use of another section's data (article 14).
const (
	ConsentNotYours           ID = "ConsentNotYours"           // 1: who asks
	ConsentOfNoUse            ID = "ConsentOfNoUse"            // 1: consent, 2: application
	ConsentStays              ID = "ConsentStays"              // 1: consent, 2: decided by
	ConsentStampForged        ID = "ConsentStampForged"        // 1: field
	ConsentStampUnexpected    ID = "ConsentStampUnexpected"    // 1: consent
	ConsentConditions         ID = "ConsentConditions"         // 1: consent
	ConsentReasonAlone        ID = "ConsentReasonAlone"        // 1: consent
	ConsentNotYet             ID = "ConsentNotYet"             // 1: consent, 2: to
	ConsentMoveBad            ID = "ConsentMoveBad"            // 1: consent, 2: from, 3: to, 4: decided by
	ConsentTooLate            ID = "ConsentTooLate"            // 1: consent, 2: application, 3: its decision
	ConsentApplicationMissing ID = "ConsentApplicationMissing" // 1: consent, 2: application
	NotEntitledToConsent      ID = "NotEntitledToConsent"      // 1: who asks, 2: consent, 3: offices
	ConsentAsked              ID = "ConsentAsked"              // 1: data, 2: application, 3: offices, 4: consent
	ConsentGiven              ID = "ConsentGiven"              // 1: data, 2: application, 3: by, 4: office
	ConsentRefused            ID = "ConsentRefused"            // 1: data, 2: application, 3: by, 4: office
	ConsentWithdrawn          ID = "ConsentWithdrawn"          // 1: data, 2: application, 3: by, 4: office
	ConsentMoot               ID = "ConsentMoot"               // 1: application
)

var consentSentences = map[ID]sentence{
	ConsentNotYours: {
		"%[1]s はデータ利用の協議（DataUseConsent）を作れません（規程第14条）。Kitei が、提出された申請の spec.dataUse から作ります。" +
			"次に: kubectl get datauseconsents",
		"%[1]s cannot make a DataUseConsent (article 14): Kitei makes them from the spec.dataUse of a submitted application. " +
			"Next: kubectl get datauseconsents",
	},
	ConsentOfNoUse: {
		"協議 %[1]s の内容は、提出された申請 %[2]s の spec.dataUse にありません（規程第14条）。",
		"Consent %[1]s is for no use that the submitted application %[2]s names in spec.dataUse (article 14).",
	},
	ConsentStays: {
		"協議 %[1]s は %[2]s が決定した記録なので削除できません（規程第14条）。次に: kubectl get datauseconsent %[1]s -o yaml",
		"Consent %[1]s was decided by %[2]s and stays on record (article 14). Next: kubectl get datauseconsent %[1]s -o yaml",
	},
	ConsentStampForged: {
		"%[1]s は Kitei が認証された要求から記録する欄で、書き込めません（規程第14条）。この欄を除いてやり直してください。",
		"%[1]s is stamped by Kitei from the authenticated request and cannot be written (article 14). Leave it out and try again.",
	},
	ConsentStampUnexpected: {
		"協議 %[1]s の記録が認証された要求と一致しません（規程第14条）。ほかの変更用 webhook が書き換えていないか確かめてください。次に: kubectl get mutatingwebhookconfigurations",
		"The stamp of consent %[1]s does not match the authenticated request (article 14). See whether another mutating webhook " +
			"changes it. Next: kubectl get mutatingwebhookconfigurations",
	},
	ConsentConditions: {
		"協議 %[1]s の status.conditions は Kitei だけが書き込めます（規程第14条）。status.decision と status.decisionReason だけを変えてください。",
		"Only Kitei writes status.conditions of consent %[1]s (article 14). Change status.decision and status.decisionReason alone.",
	},
	ConsentReasonAlone: {
		"協議 %[1]s の status.decisionReason は status.decision とともに書いてください（規程第14条）。決定後の理由は変えられません。",
		"Write status.decisionReason of consent %[1]s together with status.decision (article 14). The reason of a decision stands.",
	},
	ConsentNotYet: {
		"協議 %[1]s はまだ決定されていないので「%[2]s」にはできません（規程第14条）。できるのは Approved・Denied だけです。",
		"Consent %[1]s was not decided yet and cannot become %[2]q (article 14): only Approved or Denied.",
	},
	ConsentMoveBad: {
		"協議 %[1]s の決定を「%[2]s」から「%[3]s」に変えることはできません（規程第14条）。決定者: %[4]s。できるのは、未決定から Approved・Denied へと、" +
			"Approved から Revoked への変更だけです。",
		"The decision on consent %[1]s cannot go from %[2]q to %[3]q (article 14); decided by: %[4]s. Only from none to Approved " +
			"or Denied, and from Approved to Revoked.",
	},
	ConsentTooLate: {
		"申請 %[2]s は既に決定されているため（%[3]s）、協議 %[1]s は決定できません（規程第14条）。",
		"Application %[2]s was decided already (%[3]s), so consent %[1]s cannot be decided any more (article 14).",
	},
	ConsentApplicationMissing: {
		"協議 %[1]s の申請 %[2]s がないため、決定できません（規程第14条）。次に: kubectl get changeapprovals",
		"Application %[2]s of consent %[1]s does not exist, so it cannot be decided (article 14). Next: kubectl get changeapprovals",
	},
	NotEntitledToConsent: {
		"%[1]s は協議 %[2]s を決定できる職にありません（規程第14条）。決定できるのは%[3]sです。",
		"%[1]s holds no office that can decide consent %[2]s (article 14). It is decided by %[3]s.",
	},
	ConsentAsked: {
		"申請 %[2]s が利用する「%[1]s」は、%[3]sの承認を待っています（規程第14条）。" +
			"次に: kubectl kitei consent approve %[4]s",
		"The use of “%[1]s” by application %[2]s waits for the consent of %[3]s (article 14). " +
			"Next: kubectl kitei consent approve %[4]s",
	},
	ConsentGiven: {
		"申請 %[2]s が「%[1]s」を利用することを、%[3]s が%[4]sとして承認しました（規程第14条）。",
		"Application %[2]s may use “%[1]s”: %[3]s consented as %[4]s (article 14).",
	},
	ConsentRefused: {
		"申請 %[2]s が「%[1]s」を利用することを、%[3]s は%[4]sとして承認しませんでした（規程第14条）。申請者は新たな申請を作ってください。",
		"Application %[2]s may not use “%[1]s”: %[3]s refused as %[4]s (article 14). The applicant writes a new application.",
	},
	ConsentWithdrawn: {
		"申請 %[2]s が「%[1]s」を利用することの承認を、%[3]s が%[4]sとして取り消しました（規程第14条）。申請者は新たな申請を作ってください。",
		"Application %[2]s may no longer use “%[1]s”: %[3]s revoked the consent as %[4]s (article 14). The applicant writes a new " +
			"application.",
	},
	ConsentMoot: {
		"申請 %[1]s は既に決定されたので、この協議の決定は要りません（規程第14条）。",
		"Application %[1]s was decided already, so nobody needs to decide this any more (article 14).",
	},
}
