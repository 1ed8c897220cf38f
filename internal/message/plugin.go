package message

// Sentences of the kubectl plugin. Clearances, reasons and kinds stay in English in both languages: they are the words that
// kubectl shows.
const (
	PluginRootShort        ID = "PluginRootShort"
	PluginRootLong         ID = "PluginRootLong"
	PluginApproveShort     ID = "PluginApproveShort"
	PluginDenyShort        ID = "PluginDenyShort"
	PluginReturnShort      ID = "PluginReturnShort"
	PluginRevokeShort      ID = "PluginRevokeShort"
	PluginDecideLong       ID = "PluginDecideLong"
	PluginWhyShort         ID = "PluginWhyShort"
	PluginWhyLong          ID = "PluginWhyLong"
	PluginCheckShort       ID = "PluginCheckShort"
	PluginCheckLong        ID = "PluginCheckLong"
	PluginVersionShort     ID = "PluginVersionShort"
	PluginFlagLang         ID = "PluginFlagLang"
	PluginFlagReason       ID = "PluginFlagReason"
	PluginFlagDryRun       ID = "PluginFlagDryRun"
	PluginFlagOutput       ID = "PluginFlagOutput"
	PluginFlagFilename     ID = "PluginFlagFilename"
	PluginFlagKustomize    ID = "PluginFlagKustomize"
	PluginFlagRecursive    ID = "PluginFlagRecursive"
	PluginError            ID = "PluginError"            // 1: error
	PluginBadFlag          ID = "PluginBadFlag"          // 1: value, 2: flag, 3: what is allowed
	PluginNoName           ID = "PluginNoName"           // 1: command
	PluginNoCommand        ID = "PluginNoCommand"        // 1: command, 2: what it was given, 3: those that there are
	PluginNoReason         ID = "PluginNoReason"         // 1: command
	PluginNoFile           ID = "PluginNoFile"           //
	PluginNoTemplate       ID = "PluginNoTemplate"       // 1: kind, 2: name
	PluginNotInstalled     ID = "PluginNotInstalled"     //
	PluginNamespaceMissing ID = "PluginNamespaceMissing" // 1: namespace

	// Labels in front of what is said, and the marks at which a sentence of the clearance is cut.
	PluginNextMark     ID = "PluginNextMark"
	PluginWhy          ID = "PluginWhy"
	PluginArticle      ID = "PluginArticle"
	PluginArticleNo    ID = "PluginArticleNo" // 1: number
	PluginWho          ID = "PluginWho"
	PluginNext         ID = "PluginNext"
	PluginFieldSystem  ID = "PluginFieldSystem"
	PluginServer       ID = "PluginServer"
	PluginWarningLabel ID = "PluginWarningLabel"
	PluginClearance    ID = "PluginClearance"
	PluginApprovals    ID = "PluginApprovals"
	PluginImages       ID = "PluginImages"
	PluginUncovered    ID = "PluginUncovered"
	PluginWaiting      ID = "PluginWaiting"
	PluginUntil        ID = "PluginUntil"
	PluginPods         ID = "PluginPods"
	PluginNote         ID = "PluginNote"
	PluginTitle        ID = "PluginTitle"
	PluginType         ID = "PluginType"
	PluginDecidedBy    ID = "PluginDecidedBy"
	PluginReason       ID = "PluginReason"
	PluginReasonWord   ID = "PluginReasonWord" // what stands for the reason in a command
	PluginFollows      ID = "PluginFollows"
	PluginAnyImage     ID = "PluginAnyImage"
	PluginUnseenWord   ID = "PluginUnseenWord"

	// Headlines of why. 1: object or namespace.
	PluginAnswerNotGoverned  ID = "PluginAnswerNotGoverned"
	PluginAnswerAllowed      ID = "PluginAnswerAllowed"
	PluginAnswerHeld         ID = "PluginAnswerHeld"
	PluginAnswerRefused      ID = "PluginAnswerRefused"
	PluginAnswerHeldByOthers ID = "PluginAnswerHeldByOthers"
	PluginAnswerNotHeld      ID = "PluginAnswerNotHeld"
	PluginObjectIn           ID = "PluginObjectIn"    // 1: kind, 2: name, 3: namespace
	PluginNamespace          ID = "PluginNamespace"   // 1: namespace
	PluginClearanceIs        ID = "PluginClearanceIs" // 1: clearance, 2: reason
	PluginClearanceMode      ID = "PluginClearanceMode"
	PluginUngoverned         ID = "PluginUngoverned"        // 1: namespace
	PluginExempt             ID = "PluginExempt"            // 1: namespace
	PluginNotCovered         ID = "PluginNotCovered"        // 1: images, 2: applicants
	PluginNotCoveredRecord   ID = "PluginNotCoveredRecord"  // 1: images
	PluginNotCoveredPending  ID = "PluginNotCoveredPending" // 1: images, 2: application, 3: deciders
	PluginNotCoveredDraft    ID = "PluginNotCoveredDraft"   // 1: images, 2: application, 3: applicants
	PluginNotCoveredLater    ID = "PluginNotCoveredLater"   // 1: images, 2: approval, 3: from when
	PluginShortImage         ID = "PluginShortImage"        // 1: image
	PluginWaitingFor         ID = "PluginWaitingFor"        // 1: application, 2: title, 3: type, 4: offices
	PluginWaitingDraft       ID = "PluginWaitingDraft"      // likewise
	PluginWaitingUntil       ID = "PluginWaitingUntil"      // 4: from when
	PluginGateStale          ID = "PluginGateStale"         //
	PluginForeignGates       ID = "PluginForeignGates"      // 1: gates
	PluginForeignToo         ID = "PluginForeignToo"        // 1: gates
	PluginPodRuns            ID = "PluginPodRuns"           // 1: phase
	PluginPodPending         ID = "PluginPodPending"        //
	PluginPodRunsUncleared   ID = "PluginPodRunsUncleared"  // 1: phase
	PluginPodCount           ID = "PluginPodCount"          // 1: all, 2: held by Kitei, 3: held by others
	PluginBehind             ID = "PluginBehind"            // 1: recorded, 2: now, 3: sentence
	PluginBehindWords        ID = "PluginBehindWords"       // 1: sentence
	PluginNotRecorded        ID = "PluginNotRecorded"       // 1: namespace, 2: clearance
	PluginNoRegister         ID = "PluginNoRegister"        // 1: error
	PluginHoldUnavailable    ID = "PluginHoldUnavailable"   //
	PluginNotEnforced        ID = "PluginNotEnforced"       // 1: the operator's message
	PluginNoPodList          ID = "PluginNoPodList"         //
	PluginDecidedApproved    ID = "PluginDecidedApproved"   // 1: application
	PluginDecidedDenied      ID = "PluginDecidedDenied"
	PluginDecidedReturned    ID = "PluginDecidedReturned"
	PluginDecidedRevoked     ID = "PluginDecidedRevoked"
	PluginAlready            ID = "PluginAlready"           // 1: application, 2: decision, 3: by
	PluginDryRun             ID = "PluginDryRun"            //
	PluginByAs               ID = "PluginByAs"              // 1: by, 2: as, 3: at
	PluginUnstamped          ID = "PluginUnstamped"         //
	PluginFollowNamespace    ID = "PluginFollowNamespace"   // 1: namespace, 2: before, 3: after
	PluginFollowUnchanged    ID = "PluginFollowUnchanged"   // 1: namespace, 2: clearance
	PluginFollowStart        ID = "PluginFollowStart"       //
	PluginFollowNoNamespace  ID = "PluginFollowNoNamespace" // 1: system's name
	PluginFollowApplyAnew    ID = "PluginFollowApplyAnew"   // 1: applicants
	PluginFollowKeep         ID = "PluginFollowKeep"        //
	PluginFollowEvict        ID = "PluginFollowEvict"       //
	PluginFollowObserved     ID = "PluginFollowObserved"    //
	PluginFollowUnread       ID = "PluginFollowUnread"      // 1: error
	PluginNotDecided         ID = "PluginNotDecided"        // 1: application, 2: error
	PluginChangedMeanwhile   ID = "PluginChangedMeanwhile"  // 1: application
	PluginDeciderIs          ID = "PluginDeciderIs"         // 1: deciders
	PluginNoRight            ID = "PluginNoRight"           // 1: resource
	PluginWebhookDown        ID = "PluginWebhookDown"       //
	PluginBadManifest        ID = "PluginBadManifest"       // 1: file, 2: document, 3: error
	PluginBadFile            ID = "PluginBadFile"           // 1: file, 2: error
	PluginNothingToCheck     ID = "PluginNothingToCheck"    //
	PluginSecondDocument     ID = "PluginSecondDocument"    //
	PluginNoObjectName       ID = "PluginNoObjectName"      // 1: kind
	PluginOtherNamespace     ID = "PluginOtherNamespace"    // 1: the object's, 2: the flag's
	PluginDocument           ID = "PluginDocument"          // 1: file, 2: document
	PluginUnknownKind        ID = "PluginUnknownKind"       // 1: kind
	PluginKindInManifest     ID = "PluginKindInManifest"    // 1: kind
	PluginNoSuchNamespace    ID = "PluginNoSuchNamespace"   // 1: namespace
	PluginNamespacePlanned   ID = "PluginNamespacePlanned"  // 1: namespace
	PluginDryRunForbidden    ID = "PluginDryRunForbidden"   //
	PluginDryRunFailed       ID = "PluginDryRunFailed"      // 1: error
	PluginWarning            ID = "PluginWarning"           // 1: warning
	PluginSummary            ID = "PluginSummary"           // 1: OK, 2: held, 3: refused
	PluginSummaryUnchecked   ID = "PluginSummaryUnchecked"  // 1: how many
	PluginSummaryFailed      ID = "PluginSummaryFailed"     // 1: how many
)

var pluginSentences = merge(pluginHelp, pluginLabels, pluginWhy, pluginDecide, pluginCheck)

var pluginHelp = map[ID]sentence{
	PluginRootShort: {"電子情報システムの導入等を決定し、何が動くか、なぜ動かないかを調べます", "Decide applications, and see what may run, and why not"},
	PluginRootLong: {
		"Kitei の kubectl プラグインです。導入等の申請を決定し（approve、deny、return、revoke）、何が Pod を止めているかを調べ（why）、" +
			"マニフェストが動くかを適用の前に確かめます（check）。",
		"The kubectl plugin of Kitei. It decides applications (approve, deny, return, revoke), says what holds a Pod (why), and " +
			"whether a manifest would run before it is applied (check).",
	},
	PluginApproveShort: {"導入等の申請を承認します", "Approve applications"},
	PluginDenyShort:    {"導入等の申請を否決します", "Deny applications"},
	PluginReturnShort:  {"導入等の申請を差し戻します", "Return applications to the applicant"},
	PluginRevokeShort:  {"導入等の承認を取り消します", "Revoke approvals"},
	PluginDecideLong: {
		"ChangeApproval の status.decision に決定を書き込みます。誰が決定できるかは API サーバーが判断し、決定者を証明します。" +
			"読んだ後に申請が変わっていた場合は何も書き込みません。",
		"Writes the decision to status.decision of the ChangeApproval. The API server judges who may decide, and attests who did. " +
			"Nothing is written to an application that changed after it was read.",
	},
	PluginWhyShort: {"何が止めているか、どの条文によるか、誰が何をすべきかを調べます", "Say what holds something, which article says so, and who must do what"},
	PluginWhyLong: {
		"名前空間、または Pod やワークロードについて、何が動いてよいか、そうでなければどの条文によるか、誰が何をすべきかを説明します。" +
			"名前空間に記録された許可（API サーバーが今適用しているもの）を説明し、台帳から判断し直した結果と違えばそう伝えます。",
		"Explains, for a namespace, a Pod or a workload, what may run, and if it may not, which article says so and who must do what. " +
			"It explains the clearance recorded on the namespace (what the API server enforces now), and says so where the register by " +
			"now says otherwise.",
	},
	PluginCheckShort: {"マニフェストが動くかどうかを、適用せずに確かめます", "Check, without applying it, whether a manifest would run"},
	PluginCheckLong: {
		"マニフェストの各オブジェクトについて、イメージが承認されているかを調べ、API サーバーに試験適用（dry run）を求めて判定を得ます。" +
			"終了コード: 0 すべて動く、1 保留又は拒否されるものがある、2 確認そのものができなかった。",
		"For each object of a manifest: are its images approved, and what does the API server say to a dry run? " +
			"Exit code: 0 everything would run, 1 something would be held or refused, 2 the check itself failed.",
	},
	PluginVersionShort:  {"プラグインの版を表示します", "Print the version of the plugin"},
	PluginFlagLang:      {"言語: ja 又は en（既定はロケールによる）", "language: ja or en (the default is the locale's)"},
	PluginFlagReason:    {"決定の理由", "reason of the decision"},
	PluginFlagDryRun:    {"none 又は server（server は判定だけを求め、書き込みません）", "none or server (server asks for the verdict and writes nothing)"},
	PluginFlagOutput:    {"出力の形式: json 又は yaml", "output format: json or yaml"},
	PluginFlagFilename:  {"マニフェストのファイル、ディレクトリ、URL、又は標準入力を表す -", "manifest file, directory or URL, or - for the standard input"},
	PluginFlagKustomize: {"kustomization のディレクトリ（-f、-R とは併用できません）", "kustomization directory (not together with -f or -R)"},
	PluginFlagRecursive: {"-f のディレクトリを下の階層まで読みます", "read the directories of -f and those below them"},

	PluginError:   {"エラー: %[1]s", "error: %[1]s"},
	PluginBadFlag: {"%[2]s に %[1]q は指定できません（%[3]s）", "%[2]s cannot be %[1]q: use %[3]s"},
	PluginNoCommand: {
		"%[1]s に %[2]q というコマンドはありません（%[3]s）。次に: %[1]s --help",
		"%[1]s has no command %[2]q: use %[3]s. Next: %[1]s --help",
	},
	PluginNoName: {
		"申請の名前を指定してください。次に: kubectl kitei %[1]s NAME（一覧: kubectl get changeapprovals）",
		"name the application. Next: kubectl kitei %[1]s NAME (see kubectl get changeapprovals)",
	},
	PluginNoReason: {
		"理由を -m で示してください。次に: kubectl kitei %[1]s NAME -m 理由",
		"give the reason with -m. Next: kubectl kitei %[1]s NAME -m REASON",
	},
	PluginNoFile: {
		"マニフェストを -f 又は -k で指定してください。次に: kubectl kitei check -f FILE",
		"name a manifest with -f or -k. Next: kubectl kitei check -f FILE",
	},
	PluginNoTemplate: {
		"%[1]s %[2]s は Pod の定義を持たないため、Kitei が直接止めることはありません。Pod 又はワークロードを指定してください",
		"%[1]s %[2]s defines no Pods, so Kitei does not hold it itself: name a Pod or a workload",
	},
	PluginNotInstalled: {
		"このクラスターは Kitei の種類（governance.kitei.dev）を知りません。Kitei が導入されていないようです",
		"this cluster does not know Kitei's kinds (governance.kitei.dev): Kitei does not seem to be installed",
	},
	PluginNamespaceMissing: {"名前空間 %[1]s はありません。次に: kubectl get ns", "namespace %[1]s does not exist. Next: kubectl get ns"},
}

var pluginLabels = map[ID]sentence{
	PluginNextMark:     {"次に: ", "Next: "},
	PluginWhy:          {"理由", "Why"},
	PluginArticle:      {"条文", "Article"},
	PluginArticleNo:    {"規程第%[1]s条", "%[1]s"},
	PluginWho:          {"担当", "Who"},
	PluginNext:         {"次に", "Next"},
	PluginFieldSystem:  {"システム", "System"},
	PluginServer:       {"API サーバー", "API server"},
	PluginWarningLabel: {"警告", "Warning"},
	PluginClearance:    {"許可", "Clearance"},
	PluginApprovals:    {"承認", "Approvals"},
	PluginImages:       {"イメージ", "Images"},
	PluginUncovered:    {"未承認", "Uncovered"},
	PluginWaiting:      {"申請", "Waiting"},
	PluginUntil:        {"期限", "Until"},
	PluginPods:         {"Pod", "Pods"},
	PluginNote:         {"注意", "Note"},
	PluginTitle:        {"件名", "Title"},
	PluginType:         {"種別", "Type"},
	PluginDecidedBy:    {"決定", "Decided"},
	PluginReason:       {"理由", "Reason"},
	PluginReasonWord:   {"理由", "REASON"},
	PluginFollows:      {"今後", "Follows"},
	PluginAnyImage:     {"すべてのイメージ", "any"},
	PluginUnseenWord:   {"未確認", "not seen yet"},

	"PluginTypeIntroduction":    {"導入（Introduction）", "Introduction"},
	"PluginTypeComputerization": {"電子情報システム化（Computerization）", "Computerization"},
	"PluginTypeModification":    {"変更（Modification）", "Modification"},
	"PluginTypeMinorChange":     {"軽易な変更（MinorChange）", "MinorChange"},
}

var pluginWhy = map[ID]sentence{
	PluginAnswerNotGoverned:  {"%[1]s: Kitei の対象外", "%[1]s: NOT GOVERNED by Kitei"},
	PluginAnswerAllowed:      {"%[1]s: 動いてよい", "%[1]s: MAY RUN"},
	PluginAnswerHeld:         {"%[1]s: 保留", "%[1]s: HELD"},
	PluginAnswerRefused:      {"%[1]s: 拒否", "%[1]s: REFUSED"},
	PluginAnswerHeldByOthers: {"%[1]s: 保留（Kitei によるものではありません）", "%[1]s: HELD, not by Kitei"},
	PluginAnswerNotHeld:      {"%[1]s: Kitei は止めていません", "%[1]s: NOT HELD by Kitei"},
	PluginObjectIn:           {"名前空間 %[3]s の %[1]s %[2]s", "%[1]s %[2]s in namespace %[3]s"},
	PluginNamespace:          {"名前空間 %[1]s", "Namespace %[1]s"},
	PluginClearanceIs:        {"%[1]s（%[2]s）", "%[1]s (%[2]s)"},
	PluginClearanceMode:      {"%[1]s（%[2]s、モード %[3]s）", "%[1]s (%[2]s, mode %[3]s)"},

	PluginUngoverned: {
		"名前空間 %[1]s は制御プレーン又は Kitei 自身のものであり、規程の対象外です。",
		"Namespace %[1]s is the control plane's or Kitei's own: the regulation does not reach it.",
	},
	PluginExempt: {
		"名前空間 %[1]s は governance.kitei.dev/exempt により規程の対象から除かれています（規程第2条の2）。",
		"Namespace %[1]s is exempt by its label governance.kitei.dev/exempt (article 2-2).",
	},
	PluginNotCovered: {
		"承認されていないイメージ: %[1]s（規程第12条）。変更（Modification）の承認が要ります: %[2]sが、spec.scope.images にこれを含めて申請してください。",
		"No approval covers %[1]s (article 12). It needs an approved Modification: %[2]s must apply for one whose " +
			"spec.scope.images covers it.",
	},
	PluginNotCoveredRecord: {
		"承認されていないイメージ: %[1]s（規程第12条）。変更（Modification）の承認が要ります。",
		"No approval covers %[1]s (article 12). It needs an approved Modification.",
	},
	PluginNotCoveredPending: {
		"承認されていないイメージ: %[1]s（規程第12条）。これを含む申請 %[2]s が%[3]sの決定を待っています。",
		"No approval covers %[1]s (article 12). Application %[2]s would; it waits for the decision of %[3]s.",
	},
	PluginNotCoveredDraft: {
		"承認されていないイメージ: %[1]s（規程第12条）。これを含む申請 %[2]s は下書きで、%[3]sの提出を待っています。",
		"No approval covers %[1]s (article 12). Application %[2]s would; it is a draft that %[3]s must submit.",
	},
	PluginNotCoveredLater: {
		"承認されていないイメージ: %[1]s（規程第12条）。これを含む承認 %[2]s は%[3]sから効力を生じます。",
		"No approval in effect covers %[1]s (article 12). Approval %[2]s does, from %[3]s on.",
	},
	PluginShortImage: {
		"%[1]s はレジストリを省略しているため、どの型にも当てはまりません。docker.io/library/nginx:1.29 のように省略せずに書いてください。",
		"%[1]s leaves its registry out, so no pattern can cover it: write it in full, like docker.io/library/nginx:1.29.",
	},
	PluginWaitingFor:   {"%[1]s「%[2]s」%[3]s: %[4]sの決定待ち", "%[1]s, %[2]s, %[3]s: waits for the decision of %[4]s"},
	PluginWaitingDraft: {"%[1]s「%[2]s」%[3]s: 下書き、%[4]sの提出待ち", "%[1]s, %[2]s, %[3]s: a draft that %[4]s must submit"},
	PluginWaitingUntil: {"%[1]s「%[2]s」%[3]s: 承認済み、%[4]sから有効", "%[1]s, %[2]s, %[3]s: approved, in effect from %[4]s"},
	PluginGateStale: {
		"この Pod が動くことは承認されていますが、Kitei のゲートがまだ外されていません。オペレーターが遅れているか、止まっています。",
		"This Pod may run, and Kitei's gate is still on it: the operator is behind or stopped.",
	},
	PluginForeignGates: {
		"Kitei のものではないゲート %[1]s が止めています。Kitei はほかのゲートを付けも外しもしません。付けたコントローラーに当たってください。",
		"It is held by gates that are not Kitei's: %[1]s. Kitei neither adds nor lifts them: turn to the controller that did.",
	},
	PluginForeignToo: {
		"Kitei のものではないゲートもあります: %[1]s。承認されても、これらが外されるまで動きません。",
		"It carries gates that are not Kitei's, too: %[1]s. Even once approved it waits for those.",
	},
	PluginPodRuns:    {"Kitei はこの Pod を止めていません（状態 %[1]s）。", "Kitei does not hold this Pod (phase %[1]s)."},
	PluginPodPending: {"この Pod を止めているのは Kitei ではありません。理由は Pod のイベントにあります。", "Kitei does not hold this Pod. Its events say why it waits."},
	PluginPodRunsUncleared: {
		"Kitei はこの Pod を止めていません（状態 %[1]s）。ただし、新しい Pod は動けません。",
		"Kitei does not hold this Pod (phase %[1]s). A new one would not run, though.",
	},
	PluginPodCount: {"全 %[1]d、Kitei による保留 %[2]d、ほかのゲートによる保留 %[3]d", "%[1]d in all, %[2]d held by Kitei, %[3]d held by gates of others"},
	PluginBehind: {
		"台帳から判断すると、今は %[2]s です（名前空間の記録は %[1]s）。オペレーターが遅れているか、止まっています（kubectl get pods -n kitei-system）。%[3]s",
		"By the register it is %[2]s by now, while %[1]s is recorded on the namespace: the operator is behind or stopped " +
			"(kubectl get pods -n kitei-system). %[3]s",
	},
	PluginBehindWords: {
		"名前空間に記録された説明は台帳より古くなっています。オペレーターが遅れているか、止まっています（kubectl get pods -n kitei-system）。今の説明: %[1]s",
		"The explanation recorded on the namespace is older than the register: the operator is behind or stopped " +
			"(kubectl get pods -n kitei-system). By now: %[1]s",
	},
	PluginNotRecorded: {
		"名前空間 %[1]s がオペレーターに確認されると %[2]s になります。%[3]s",
		"Once the operator has seen namespace %[1]s, it will be %[2]s. %[3]s",
	},
	PluginNoRegister: {
		"台帳を読めないため、名前空間に記録された説明を示しています（%[1]s）。",
		"You see what is recorded on the namespace, because the register could not be read (%[1]s).",
	},
	PluginHoldUnavailable: {
		"この API サーバーには MutatingAdmissionPolicy がないため、Pod は保留されずに拒否されます。",
		"This API server has no MutatingAdmissionPolicy, so Pods are refused where they would be held.",
	},
	PluginNotEnforced: {"規程のとおりに制限されていません: %[1]s", "The regulation is not enforced as written: %[1]s"},
	PluginNoPodList:   {"Pod の一覧を読む権限がありません。", "You may not list the Pods."},
}

var pluginDecide = map[ID]sentence{
	PluginDecidedApproved: {"承認しました: %[1]s", "Approved: %[1]s"},
	PluginDecidedDenied:   {"否決しました: %[1]s", "Denied: %[1]s"},
	PluginDecidedReturned: {"差し戻しました: %[1]s", "Returned: %[1]s"},
	PluginDecidedRevoked:  {"承認を取り消しました: %[1]s", "Revoked: %[1]s"},
	PluginAlready:         {"%[1]s は既に %[3]s により %[2]s とされています。変更はありません。", "%[1]s is %[2]s already, by %[3]s. Nothing changed."},
	PluginDryRun:          {"試行のみ（サーバー側 dry run）。何も書き込まれていません。", "Server-side dry run only: nothing was written."},
	PluginByAs:            {"%[1]s、%[2]sとして（%[3]s）", "by %[1]s, as %[2]s, at %[3]s"},
	PluginUnstamped: {
		"API サーバーは決定者を証明しませんでした。この決定は効力を持ちません（kubectl get pods -n kitei-system）",
		"the API server did not attest who decided, so the decision has no effect (kubectl get pods -n kitei-system)",
	},
	PluginFollowNamespace: {"名前空間 %[1]s: %[2]s → %[3]s", "namespace %[1]s: %[2]s → %[3]s"},
	PluginFollowUnchanged: {"名前空間 %[1]s: %[2]s のまま", "namespace %[1]s: stays %[2]s"},
	PluginFollowStart:     {"承認を待っていた Pod は自動的に始まります。", "Pods that wait for this approval start by themselves."},
	PluginFollowNoNamespace: {
		"システム %[1]s に名前空間はまだ登録されていません。次に: kubectl edit electronicsystem %[1]s（spec.namespaces）",
		"System %[1]s has no namespaces yet. Next: kubectl edit electronicsystem %[1]s (spec.namespaces)",
	},
	PluginFollowApplyAnew: {"%[1]sは改めて申請できます。", "Now %[1]s may apply anew."},
	PluginFollowKeep: {
		"稼働中の Pod はそのまま動き続けます（onRevocation: Keep）。新しい Pod は動きません。",
		"Running Pods stay (onRevocation: Keep). New ones do not run.",
	},
	PluginFollowEvict: {
		"稼働中の Pod は、PodDisruptionBudget に従って退去させられます（onRevocation: Evict）。新しい Pod は動きません。",
		"Running Pods are evicted, as their PodDisruptionBudgets allow (onRevocation: Evict). New ones do not run.",
	},
	PluginFollowObserved: {"モードが Warn 又は Audit のため、Pod は引き続き動きます。", "In mode Warn or Audit Pods keep running, new ones too."},
	PluginFollowUnread:   {"今後どうなるかは分かりません: %[1]s", "what follows cannot be said: %[1]s"},
	PluginNotDecided:     {"%[1]s は決定されませんでした: %[2]s", "%[1]s was not decided: %[2]s"},
	PluginChangedMeanwhile: {
		"%[1]s は読んだ後に変わりました。内容を確かめてから改めて決定してください",
		"%[1]s changed after it was read: look at it again before you decide",
	},
	PluginDeciderIs: {"決定するのは%[1]sです。", "It is decided by %[1]s."},
	PluginNoRight: {
		"%[1]s を書き込む権限がありません。権限は、決定する職にある者に Kitei が与えます。",
		"You lack the right to write %[1]s. Kitei grants it to those who hold an office that decides.",
	},
	PluginWebhookDown: {"決定者を証明する Kitei が応答していません。", "Kitei, which attests who decides, does not answer."},
}

var pluginCheck = map[ID]sentence{
	PluginBadManifest:    {"%[1]s の %[2]d 番目の文書: %[3]s", "%[1]s, document %[2]d: %[3]s"},
	PluginBadFile:        {"%[1]s: %[2]s", "%[1]s: %[2]s"},
	PluginNothingToCheck: {"マニフェストにオブジェクトがありません", "the manifest holds no objects"},
	PluginSecondDocument: {
		"文書の後に続きがあります。次の文書の前に --- だけの行を入れてください",
		"something follows the document: put a line of --- before the next one",
	},
	PluginNoObjectName:   {"%[1]s に metadata.name がありません", "%[1]s has no metadata.name"},
	PluginOtherNamespace: {"オブジェクトの名前空間 %[1]s は、-n で指定された %[2]s と異なります", "the object's namespace is %[1]s, and -n says %[2]s"},
	PluginDocument:       {"%[1]s の %[2]d 番目の文書", "%[1]s, document %[2]d"},
	PluginUnknownKind:    {"API サーバーは種類 %[1]s を知りません", "the API server does not know the kind %[1]s"},
	PluginKindInManifest: {
		"種類 %[1]s はこのマニフェストで定義されているため、まだ確認できません。",
		"Kind %[1]s is defined in this manifest, so the API server cannot judge it yet.",
	},
	PluginNoSuchNamespace:  {"名前空間 %[1]s はクラスターにもマニフェストにもありません。", "Namespace %[1]s is neither in the cluster nor in the manifest."},
	PluginNamespacePlanned: {"名前空間 %[1]s はまだないため、台帳だけから判断しています。", "Namespace %[1]s does not exist yet: judged by the register alone."},
	PluginDryRunForbidden: {
		"試験適用の権限がないため、許可だけから判断しています。",
		"You may not ask the API server for a dry run: judged by the clearance alone.",
	},
	PluginDryRunFailed:     {"API サーバーの判定を得られませんでした: %[1]s", "the API server gave no verdict: %[1]s"},
	PluginWarning:          {"警告: %[1]s", "warning: %[1]s"},
	PluginSummary:          {"動く %[1]d、保留 %[2]d、拒否 %[3]d", "%[1]d would run, %[2]d would be held, %[3]d would be refused"},
	PluginSummaryUnchecked: {"、未確認 %[1]d", ", %[1]d not judged"},
	PluginSummaryFailed:    {"、確認失敗 %[1]d", ", %[1]d could not be checked"},
}
