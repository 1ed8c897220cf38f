package message

// Sentences of the admission policies under config/policy. The API server cannot choose a language, so the policies carry
// them in both; a test keeps the two places equal.
const (
	PolicyUnseen   ID = "PolicyUnseen"
	PolicyNodeName ID = "PolicyNodeName"
	PolicyRunning  ID = "PolicyRunning"
	PolicyMarks    ID = "PolicyMarks"
	PolicyExempt   ID = "PolicyExempt"
	PolicyBindings ID = "PolicyBindings"
	PolicyRecords  ID = "PolicyRecords"
	PolicyPod      ID = "PolicyPod"
	PolicyWorkload ID = "PolicyWorkload"
)

var policySentences = map[ID]sentence{
	PolicyUnseen: {
		"この名前空間はまだ Kitei に確認されていません（規程第4条）。しばらく待ってやり直してください。次に: kubectl get pods -n kitei-system",
		"Kitei has not seen this namespace yet (article 4). Wait a moment and try again. Next: kubectl get pods -n kitei-system",
	},
	PolicyNodeName: {
		"承認を待つ Pod に spec.nodeName は指定できません（規程第12条）。spec.nodeName を除いてください。",
		"A Pod that waits for an approval cannot name its node (article 12). Remove spec.nodeName.",
	},
	PolicyRunning: {
		"稼働中のシステムは承認なく変更できません（規程第12条）。稼働中の Pod はそのまま動き続けます。",
		"A running system is not changed without an approval (article 12). Its Pods keep running as they are.",
	},
	PolicyMarks: {
		"governance.kitei.dev/ で始まるラベルと注釈は Kitei だけが書き込めます（規程第12条）。システムの台帳と承認を改めてください。次に: kubectl get electronicsystems",
		"Only Kitei writes labels and annotations that start with governance.kitei.dev/ (article 12). Change the register and the " +
			"approvals instead. Next: kubectl get electronicsystems",
	},
	PolicyExempt: {
		"ラベル governance.kitei.dev/exempt を変えるには regulations.governance.kitei.dev に対する動詞 exempt の権限が要ります（規程第2条の2）。" +
			"次に: kubectl auth can-i exempt regulations.governance.kitei.dev",
		"Changing the label governance.kitei.dev/exempt needs the RBAC verb exempt on regulations.governance.kitei.dev " +
			"(article 2-2). Next: kubectl auth can-i exempt regulations.governance.kitei.dev",
	},
	PolicyBindings: {
		"Kitei が書き込む ClusterRoleBinding は名前が kitei: で始まるものだけです（規程第3条の2）。" +
			"次に: kubectl get clusterrolebindings -l app.kubernetes.io/component=access",
		"Kitei writes no ClusterRoleBinding but those whose names begin with kitei: (article 3-2). " +
			"Next: kubectl get clusterrolebindings -l app.kubernetes.io/component=access",
	},
	PolicyRecords: {
		"台帳の記録を加えられるのは Kitei だけで、変更も削除も誰にもできません（規程第13条第3項）。次に: kubectl kitei verify",
		"Only Kitei adds a record to the ledger, and nobody changes or deletes one (article 13-3). Next: kubectl kitei verify",
	},
	PolicyPod: {
		"この Pod は承認されていません（規程第12条）。次に: kubectl kitei why",
		"This Pod is not approved (article 12). Next: kubectl kitei why",
	},
	PolicyWorkload: {
		"このワークロードは承認されていません（規程第12条）。次に: kubectl kitei why",
		"This workload is not approved (article 12). Next: kubectl kitei why",
	},
}
