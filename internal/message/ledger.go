package message

// The ledger of what was decided (articles 12 to 14, 18 and 23).
const (
	SubmissionUnattested ID = "SubmissionUnattested" // 1: application, 2: applicant it names
	StampUnattested      ID = "StampUnattested"      // 1: object
	LedgerWhole          ID = "LedgerWhole"          // 1: records
	LedgerMissing        ID = "LedgerMissing"        // 1: sequence
	LedgerAltered        ID = "LedgerAltered"        // 1: sequence
	LedgerOutOfOrder     ID = "LedgerOutOfOrder"     // 1: sequence

	PluginVerifyShort     ID = "PluginVerifyShort"
	PluginVerifyLong      ID = "PluginVerifyLong"
	PluginFlagExport      ID = "PluginFlagExport"
	PluginFlagKey         ID = "PluginFlagKey"
	PluginVerified        ID = "PluginVerified"        // 1: records, 2: hash of the last
	PluginVerifiedWith    ID = "PluginVerifiedWith"    // 1: keys
	PluginStampsVerified  ID = "PluginStampsVerified"  // 1: stamps
	PluginStampUnattested ID = "PluginStampUnattested" // 1: resource, 2: name, 3: decision, 4: who it names
	PluginStampUnrecorded ID = "PluginStampUnrecorded" // 1: resource, 2: name, 3: decision, 4: by
	PluginStampPutBack    ID = "PluginStampPutBack"    // 1: resource, 2: name
	PluginNoLedgerKey     ID = "PluginNoLedgerKey"
	PluginBadKey          ID = "PluginBadKey" // 1: file, 2: cause
)

var ledgerSentences = map[ID]sentence{
	SubmissionUnattested: {
		"申請 %[1]s が %[2]s によって提出されたことの証明がないため、承認できません（規程第12条）。次に: 差し戻し、改めて申請を提出してもらってください " +
			"kubectl kitei return %[1]s",
		"Kitei cannot attest that application %[1]s was submitted by %[2]s, so it cannot be approved (article 12). " +
			"Next: have it submitted anew: kubectl kitei return %[1]s",
	},
	StampUnattested: {
		"%[1]s の記録には、規程システムによる証明（封印）がない決定・提出・確認があります。効力はありません（規程第12条）。次に: kubectl kitei verify",
		"%[1]s bears a decision, submission or confirmation without a seal of Kitei: it counts for nothing (article 12). " +
			"Next: kubectl kitei verify",
	},
	PluginVerifyShort: {"台帳が完全かを確かめる", "Check that the ledger is whole"},
	PluginVerifyLong: {
		"台帳の記録が揃っていて、改ざんされておらず、順序どおりであること、そして申請・協議・会議の決定がすべて封印され記録されていることを確かめます（規程第13条第3項）。" +
			"書き出したファイルがあれば、クラスタなしで確かめられます: " +
			"kubectl get regulations,decisionrecords,changeapprovals,datauseconsents,committeemeetings -o yaml > export.yaml",
		"Checks that every record of the ledger is there, unaltered and in order, and that every decision on an application, consent " +
			"or meeting is sealed and recorded (article 13-3). With an export it needs no cluster: " +
			"kubectl get regulations,decisionrecords,changeapprovals,datauseconsents,committeemeetings -o yaml > export.yaml",
	},
	PluginFlagExport: {"書き出したファイル。なければクラスタを読みます", "file of an export; without one the cluster is read"},
	PluginFlagKey: {
		"公開鍵（PEM、複数可）のファイル。なければ規程の status.ledger.publicKey を使います",
		"file of the public keys (PEM, one or several); without one that of the Regulation's status.ledger.publicKey",
	},
	PluginVerified: {
		"台帳は完全です。記録 %[1]d 件、最後の記録のハッシュ %[2]s",
		"The ledger is whole: %[1]d records, the hash of the last is %[2]s",
	},
	PluginVerifiedWith: {
		"使った公開鍵: %[1]s（クラスタの外に保管した控えと比べてください）",
		"Public keys used: %[1]s (compare with the copy that you keep outside the cluster)",
	},
	PluginStampsVerified: {
		"提出・決定・協議・会議の記載 %[1]d 件は、すべて封印され、台帳にあります。",
		"All %[1]d submissions, decisions, consents and meetings are sealed and in the ledger.",
	},
	PluginStampUnattested: {
		"%[1]s %[2]s の「%[3]s」（%[4]s による）には Kitei の封印がなく、効力がありません（規程第12条）。",
		"%[1]s %[2]s: %[3]q by %[4]s bears no seal of Kitei, and counts for nothing (article 12).",
	},
	PluginStampUnrecorded: {
		"%[1]s %[2]s の「%[3]s」（%[4]s による）は台帳にありません（規程第13条第3項）。",
		"%[1]s %[2]s: %[3]q by %[4]s is not in the ledger (article 13-3).",
	},
	PluginStampPutBack: {
		"%[1]s %[2]s は、台帳では既に終わった決定を示しています（規程第13条第3項）。書き戻されたものです。",
		"%[1]s %[2]s bears a decision that has ended according to the ledger (article 13-3): it was put back.",
	},
	PluginNoLedgerKey: {
		"台帳の公開鍵がありません。次に: --key で公開鍵のファイルを指定するか、kubectl get regulation regulation -o jsonpath='{.status.ledger.publicKey}' を確かめてください",
		"There is no public key of the ledger. Next: name its file with --key, or look at kubectl get regulation regulation " +
			"-o jsonpath='{.status.ledger.publicKey}'",
	},
	PluginBadKey: {"%[1]s は公開鍵として読めません: %[2]s", "%[1]s cannot be read as a public key: %[2]s"},
	LedgerWhole: {
		"台帳は完全です（規程第13条第3項）。記録 %[1]d 件。",
		"The ledger is whole (article 13-3): %[1]d records.",
	},
	LedgerMissing: {
		"台帳の記録 %[1]d がありません（規程第13条第3項）。次に: kubectl kitei verify",
		"Record %[1]d of the ledger is missing (article 13-3). Next: kubectl kitei verify",
	},
	LedgerAltered: {
		"台帳の記録 %[1]d が改ざんされているか、知らない鍵で署名されています（規程第13条第3項）。次に: kubectl kitei verify",
		"Record %[1]d of the ledger was altered, or signed with a key that is not known (article 13-3). Next: kubectl kitei verify",
	},
	LedgerOutOfOrder: {
		"台帳の記録 %[1]d の順序が違います（規程第13条第3項）。次に: kubectl kitei verify",
		"Record %[1]d of the ledger is out of order (article 13-3). Next: kubectl kitei verify",
	},
}
