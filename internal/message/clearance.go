package message

// Clearance of a namespace. 1 is always the system (or the namespace, where there is no system); each names the article, who
// must act and what to run next.
const (
	NoRegulation           ID = "NoRegulation"
	UnregisteredNamespace  ID = "UnregisteredNamespace"  // 1: namespace
	SectionUnnamed         ID = "SectionUnnamed"         // 2: system's name
	SectionNotFound        ID = "SectionNotFound"        // 2: system's name, 3: section
	SectionAbolished       ID = "SectionAbolished"       // 2: system's name, 3: section, 4: day
	NotAppliedFor          ID = "NotAppliedFor"          // 2: applicants
	NobodyCanApply         ID = "NobodyCanApply"         // 2: section
	DraftWaits             ID = "DraftWaits"             // 2: application, 3: applicants
	DecisionWaits          ID = "DecisionWaits"          // 2: application, 3: deciders
	DecisionWaitsForNobody ID = "DecisionWaitsForNobody" // 2: application
	Refused                ID = "Refused"                // 2: application, 3: decision, 4: applicants
	NotYetInEffect         ID = "NotYetInEffect"         // 2: approval, 3: from when
	Expired                ID = "Expired"                // 2: approval, 3: since when, 4: applicants
	Revoked                ID = "Revoked"                // 2: approval, 3: by whom, 4: when, 5: applicants
	Unattested             ID = "Unattested"             // 2: approval, 3: deciders
	CommitteeWaits         ID = "CommitteeWaits"         // 2: application, 3: committee
	ConsentWaits           ID = "ConsentWaits"           // 2: application, 3: consents
	ConsentMissing         ID = "ConsentMissing"         // 2: approval, 3: consents
	ConsentAwaited         ID = "ConsentAwaited"         // 1: use, 2: office
	ConsentDenied          ID = "ConsentDenied"          // 1: use, 2: office
	ConsentRevoked         ID = "ConsentRevoked"         // 1: use, 2: office
	Unratified             ID = "Unratified"             // 2: approval, 3: by when, 4: applicants
	NamespaceNotCovered    ID = "NamespaceNotCovered"    // 2: applicants, 3: system's name
	TooManyImages          ID = "TooManyImages"          // 2: how many patterns, 3: applicants
	ApprovedAnyImage       ID = "ApprovedAnyImage"       // 2: approvals
	ApprovedImages         ID = "ApprovedImages"         // 2: approvals, 3: images, 4: system's name, 5: applicants
	ImagesNotCovered       ID = "ImagesNotCovered"       // 1: images, 2: the namespace's message
	DecisionDenied         ID = "Denied"
	DecisionReturned       ID = "Returned"
)

var clearanceSentences = map[ID]sentence{
	NoRegulation: {
		"規程（Regulation）が定められていないため、何も制限していません（規程第1条）。次に: kubectl apply -f regulation.yaml",
		"No Regulation exists, so nothing is enforced (article 1). Next: kubectl apply -f regulation.yaml",
	},
	UnregisteredNamespace: {
		"名前空間 %[1]s はどの電子情報システムにも登録されていません（規程第4条、別表第1）。システムを管理する課の長が ElectronicSystem の spec.namespaces に加えてください。" +
			"次に: kubectl get electronicsystems",
		"Namespace %[1]s belongs to no registered system (article 4, appended table 1). The head of the section that manages the " +
			"system adds it to the ElectronicSystem's spec.namespaces. Next: kubectl get electronicsystems",
	},
	SectionUnnamed: {
		"電子情報システム%[1]sには管理する課が定められていません（規程第4条）。台帳の管理者が spec.managingSectionRef を定めてください。次に: kubectl edit electronicsystem %[2]s",
		"System %[1]s has no managing section (article 4). The registrar sets its spec.managingSectionRef. " +
			"Next: kubectl edit electronicsystem %[2]s",
	},
	SectionNotFound: {
		"電子情報システム%[1]sを管理する課 %[3]s が登録されていません（規程第4条）。台帳の管理者が課を登録するか、%[2]s を管理する課を改めてください。次に: kubectl get managingsections",
		"Section %[3]s, which manages system %[1]s, is not registered (article 4). The registrar registers the section or names " +
			"another for %[2]s. Next: kubectl get managingsections",
	},
	SectionAbolished: {
		"電子情報システム%[1]sを管理する課 %[3]s は%[4]sに廃止されました（規程第4条）。台帳の管理者が引き継ぐ課を定めてください。次に: kubectl edit electronicsystem %[2]s",
		"Section %[3]s, which manages system %[1]s, was abolished on %[4]s (article 4). The registrar names its successor. " +
			"Next: kubectl edit electronicsystem %[2]s",
	},
	NotAppliedFor: {
		"電子情報システム%[1]sの導入は承認されていません（規程第12条）。%[2]sが申請してください。次に: kubectl get changeapprovals",
		"The introduction of system %[1]s is not approved (article 12). An application by %[2]s is needed. " +
			"Next: kubectl get changeapprovals",
	},
	NobodyCanApply: {
		"電子情報システム%[1]sの導入は承認されておらず、申請できる職も定まっていません（規程第12条）。台帳の管理者が課 %[2]s の属する部と部長を定めてください。" +
			"次に: kubectl edit managingsection %[2]s",
		"The introduction of system %[1]s is not approved, and no office can apply for it (article 12). The registrar sets the " +
			"department of section %[2]s and its head. Next: kubectl edit managingsection %[2]s",
	},
	DraftWaits: {
		"電子情報システム%[1]sの導入は承認されていません（規程第12条）。申請 %[2]s は下書きで、%[3]sの提出を待っています。" +
			`次に: kubectl patch changeapproval %[2]s --type=merge -p '{"spec":{"stage":"Submitted"}}'`,
		"The introduction of system %[1]s is not approved (article 12). Application %[2]s is a draft that %[3]s must submit. " +
			`Next: kubectl patch changeapproval %[2]s --type=merge -p '{"spec":{"stage":"Submitted"}}'`,
	},
	DecisionWaits: {
		"電子情報システム%[1]sの導入は承認されていません（規程第12条）。申請 %[2]s が%[3]sの決定を待っています。次に: kubectl kitei approve %[2]s -m 理由",
		"The introduction of system %[1]s is not approved (article 12). Application %[2]s waits for the decision of %[3]s. " +
			"Next: kubectl kitei approve %[2]s -m REASON",
	},
	DecisionWaitsForNobody: {
		"電子情報システム%[1]sの導入は承認されていません（規程第12条）。申請 %[2]s を決定できる情報統括責任者が定まっていません。台帳の管理者が管理部とその長を定めてください。" +
			"次に: kubectl edit regulation regulation",
		"The introduction of system %[1]s is not approved (article 12). Nobody can decide application %[2]s: the registrar sets " +
			"the management department and its head. Next: kubectl edit regulation regulation",
	},
	Refused: {
		"電子情報システム%[1]sの導入は承認されていません（規程第12条）。申請 %[2]s は%[3]s。%[4]sが改めて申請してください。次に: kubectl describe changeapproval %[2]s",
		"The introduction of system %[1]s is not approved (article 12). Application %[2]s was %[3]s. A new application by %[4]s " +
			"is needed. " +
			"Next: kubectl describe changeapproval %[2]s",
	},
	DecisionDenied:   {"否決されました", "denied"},
	DecisionReturned: {"差し戻されました", "returned"},
	NotYetInEffect: {
		"電子情報システム%[1]sの承認 %[2]s は%[3]sから効力を生じます（規程第12条）。それまでは待つほかありません。次に: kubectl describe changeapproval %[2]s",
		"Approval %[2]s of system %[1]s takes effect at %[3]s (article 12). Until then there is nothing to do but wait. " +
			"Next: kubectl describe changeapproval %[2]s",
	},
	Expired: {
		"電子情報システム%[1]sの承認 %[2]s は%[3]sに期限が切れました（規程第12条）。%[4]sが改めて申請してください。次に: kubectl describe changeapproval %[2]s",
		"Approval %[2]s of system %[1]s ran out at %[3]s (article 12). A new application by %[4]s is needed. " +
			"Next: kubectl describe changeapproval %[2]s",
	},
	Revoked: {
		"電子情報システム%[1]sの承認 %[2]s は%[4]sに %[3]s により取り消されました（規程第12条）。%[5]sが改めて申請してください。" +
			"次に: kubectl describe changeapproval %[2]s",
		"Approval %[2]s of system %[1]s was revoked by %[3]s at %[4]s (article 12). A new application by %[5]s is needed. " +
			"Next: kubectl describe changeapproval %[2]s",
	},
	Unattested: {
		"電子情報システム%[1]sの申請 %[2]s には、誰が決定したかの証明がない決定が書かれています（規程第12条）。この決定は効力を持ちません。新たに申請し、%[3]sが決定してください。" +
			"次に: kubectl get changeapproval %[2]s -o yaml",
		"Application %[2]s of system %[1]s carries a decision of which Kitei cannot attest who made it (article 12). It has no " +
			"effect: apply anew, for %[3]s to decide. Next: kubectl get changeapproval %[2]s -o yaml",
	},
	CommitteeWaits: {
		"電子情報システム%[1]sの導入は承認されていません（規程第12条第4項）。申請 %[2]s は委員会 %[3]s の可否の決定を待っています。委員会の庶務を処理する課が付議してください。" +
			"次に: kubectl kitei meeting",
		"The introduction of system %[1]s is not approved (article 12-4). Application %[2]s waits for the decision of committee " +
			"%[3]s: its secretariat puts it on the agenda of a meeting. Next: kubectl kitei meeting",
	},
	ConsentWaits: {
		"電子情報システム%[1]sの導入は承認されていません（規程第14条）。申請 %[2]s はデータを管理する課の長の承認を待っています: %[3]s。次に: kubectl get datauseconsents",
		"The introduction of system %[1]s is not approved (article 14). Application %[2]s waits for the consent of those whose " +
			"data it uses: %[3]s. Next: kubectl get datauseconsents",
	},
	ConsentMissing: {
		"電子情報システム%[1]sの承認 %[2]s には、データを管理する課の長の承認がありません（規程第14条）: %[3]s。次に: kubectl get datauseconsents",
		"Approval %[2]s of system %[1]s lacks the consent of those whose data it uses (article 14): %[3]s. " +
			"Next: kubectl get datauseconsents",
	},
	ConsentAwaited: {"%[1]s（%[2]sの承認待ち）", "%[1]s (waits for %[2]s)"},
	ConsentDenied:  {"%[1]s（%[2]sが承認せず）", "%[1]s (denied by %[2]s)"},
	ConsentRevoked: {"%[1]s（%[2]sが承認を取消し）", "%[1]s (revoked by %[2]s)"},
	Unratified: {
		"電子情報システム%[1]sの緊急の承認 %[2]s は、%[3]sまでに運営委員会の追認がなく効力を失いました（規程第12条）。%[4]sが改めて申請してください。" +
			"次に: kubectl describe changeapproval %[2]s",
		"Approval %[2]s of system %[1]s was given in urgency and lapsed, because the committee did not ratify it by %[3]s " +
			"(article 12). A new application by %[4]s is needed. Next: kubectl describe changeapproval %[2]s",
	},
	NamespaceNotCovered: {
		"電子情報システム%[1]sは承認されていますが、この名前空間は承認の対象ではありません（規程第12条）。%[2]sが変更を申請してください。" +
			"次に: kubectl get changeapprovals --field-selector spec.systemRef.name=%[3]s",
		"System %[1]s is approved, but no approval covers this namespace (article 12). It needs an approved modification, for which %[2]s must apply. " +
			"Next: kubectl get changeapprovals --field-selector spec.systemRef.name=%[3]s",
	},
	TooManyImages: {
		"電子情報システム%[1]sの承認が挙げるイメージ %[2]d 件は、合わせると長すぎて照合できません（規程第12条）。%[3]sが registry.example/tax/** のような型でまとめて申請し直してください。" +
			"次に: kubectl get changeapprovals -o wide",
		"The %[2]d image patterns of the approvals of system %[1]s are together too long to match (article 12). They " +
			"need a new application by %[3]s with patterns such as registry.example/tax/**. Next: kubectl get changeapprovals -o wide",
	},
	ApprovedAnyImage: {
		"電子情報システム%[1]sは承認されています（規程第12条、承認 %[2]s）。",
		"System %[1]s is approved (article 12, approval %[2]s).",
	},
	ApprovedImages: {
		"電子情報システム%[1]sで承認されているイメージは %[3]s です（規程第12条、承認 %[2]s）。ほかのイメージには変更の承認が要ります: %[5]sが申請してください。" +
			"次に: kubectl get changeapprovals --field-selector spec.systemRef.name=%[4]s",
		"The approvals of system %[1]s cover the images %[3]s (article 12, approval %[2]s). Any other image needs an approved " +
			"modification, for which %[5]s must apply. Next: kubectl get changeapprovals --field-selector spec.systemRef.name=%[4]s",
	},
	ImagesNotCovered: {
		"承認されていないイメージ: %[1]s。%[2]s",
		"Images that no approval covers: %[1]s. %[2]s",
	},
}
