package message

// Classification of information assets (article 26-2 (2)). Each sentence says what is wrong with which object and which article
// asks for it; the steps that put it right follow once, after [AssetNext].
const (
	AssetStandardNotFound   ID = "AssetStandardNotFound"   // 1: standard, 2: who must act
	AssetSystemNotFound     ID = "AssetSystemNotFound"     // 1: namespace, 2: system
	AssetSystemUnclassified ID = "AssetSystemUnclassified" // 1: system, 2: who must act
	AssetSystemLevelUnknown ID = "AssetSystemLevelUnknown" // 1: system, 2: who must act, 3: levels, 4: standard
	AssetUnlabelled         ID = "AssetUnlabelled"         // 1: object, 2: labels
	AssetAboveSystem        ID = "AssetAboveSystem"        // 1: object, 2: system, 3: levels
	AssetAboveWorkload      ID = "AssetAboveWorkload"      // 1: object, 2: workload, 3: levels
	AssetBelowClaim         ID = "AssetBelowClaim"         // 1: object, 2: claim, 3: levels
	AssetClaimsUnlabelled   ID = "AssetClaimsUnlabelled"   // 1: object, 2: claims
	AssetClaimAboveSystem   ID = "AssetClaimAboveSystem"   // 1: object, 2: claim, 3: system, 4: levels

	AssetLabelMissing ID = "AssetLabelMissing" // 1: label, 2: allowed levels
	AssetLabelUnknown ID = "AssetLabelUnknown" // 1: label, 2: value, 3: allowed levels
	AssetLevelTooHigh ID = "AssetLevelTooHigh" // 1: aspect, 2: level, 3: bound
	AssetLevelTooLow  ID = "AssetLevelTooLow"  // 1: aspect, 2: level, 3: bound
	AssetLevelOf      ID = "AssetLevelOf"      // 1: aspect, 2: level or levels

	AssetNext         ID = "AssetNext"         // 1: steps
	AssetThen         ID = "AssetThen"         // between two steps
	AssetStepManifest ID = "AssetStepManifest" // 1: field, 2: YAML
	AssetStepRecreate ID = "AssetStepRecreate" // 1: command, 2: field, 3: YAML
	AssetStepLevel    ID = "AssetStepLevel"    // 1: the placeholder, 2: the levels of each aspect

	AspectConfidentiality ID = "Confidentiality"
	AspectIntegrity       ID = "Integrity"
	AspectAvailability    ID = "Availability"
)

var classificationSentences = map[ID]sentence{
	AssetStandardNotFound: {
		"規程が定める情報セキュリティ対策基準 %[1]s が登録されていないため、情報資産の分類を確かめられません（規程第27条）。" +
			"%[2]sが対策基準を登録するか、規程（Regulation）の securityStandardRef を改めてください。",
		"Security standard %[1]s, which the Regulation names, does not exist, so no classification can be checked (article 27): " +
			"%[2]s must register it, or name another in the Regulation's securityStandardRef.",
	},
	AssetSystemNotFound: {
		"名前空間 %[1]s の電子情報システム %[2]s が台帳にないため、情報資産の分類を確かめられません（規程第4条）。台帳の管理者がシステムを登録してください。",
		"System %[2]s of namespace %[1]s is not in the register, so no classification can be checked (article 4). The registrar " +
			"registers the system.",
	},
	AssetSystemUnclassified: {
		"電子情報システム%[1]sが分類されていません（規程第26条第2項第2号）。%[2]sが先にシステムを分類してください。",
		"System %[1]s has no classification (article 26-2 (2)). First %[2]s must class the system.",
	},
	AssetSystemLevelUnknown: {
		"電子情報システム%[1]sの分類（%[3]s）は対策基準 %[4]s にありません（規程第26条第2項第2号、第27条）。%[2]sが先にシステムの分類を改めてください。",
		"The classification of system %[1]s (%[3]s) is not of security standard %[4]s (articles 26-2 (2) and 27). First %[2]s must " +
			"class the system anew.",
	},
	AssetUnlabelled: {
		"%[1]s には、情報資産の分類を示すラベルが要ります（規程第26条第2項第2号）: %[2]s。",
		"%[1]s needs labels that say its classification (article 26-2 (2)): %[2]s.",
	},
	AssetAboveSystem: {
		"%[1]s の分類は、電子情報システム%[2]sの分類を超えられません（規程第26条第2項第2号）: %[3]s。",
		"%[1]s may not be classed above its system %[2]s (article 26-2 (2)): %[3]s.",
	},
	AssetAboveWorkload: {
		"%[1]s の分類は、それを使う %[2]s の分類を超えられません（規程第26条第2項第2号）: %[3]s。%[2]s の分類を先に上げることもできます。",
		"%[1]s may not be classed above %[2]s, which mounts it (article 26-2 (2)): %[3]s. Or class %[2]s higher first.",
	},
	AssetBelowClaim: {
		"%[1]s の分類は、それが使うボリューム %[2]s の分類を下回れません（規程第26条第2項第2号）: %[3]s。",
		"%[1]s may not be classed below volume %[2]s, which it mounts (article 26-2 (2)): %[3]s.",
	},
	AssetClaimsUnlabelled: {
		"%[1]s が使うボリューム %[2]s に、情報資産の分類を示すラベルがありません（規程第26条第2項第2号）。先にボリュームを分類してください。",
		"%[1]s mounts volumes without labels that say their classification (article 26-2 (2)): %[2]s. Class them first.",
	},
	AssetClaimAboveSystem: {
		"%[1]s が使うボリューム %[2]s の分類が、電子情報システム%[3]sの分類を超えています（規程第26条第2項第2号）: %[4]s。先にボリュームの分類を改めてください。",
		"Volume %[2]s, which %[1]s mounts, is classed above system %[3]s (article 26-2 (2)): %[4]s. Class the volume anew first.",
	},

	AssetLabelMissing: {"%[1]s（%[2]s のいずれか）", "%[1]s (one of %[2]s)"},
	AssetLabelUnknown: {"%[1]s（「%[2]s」は対策基準になく、%[3]s のいずれか）", "%[1]s (%[2]q is not of the standard; one of %[3]s)"},
	AssetLevelTooHigh: {"%[1]sは %[2]s でなく %[3]s 以下", "%[1]s %[2]s, at most %[3]s"},
	AssetLevelTooLow:  {"%[1]sは %[2]s でなく %[3]s 以上", "%[1]s %[2]s, at least %[3]s"},
	AssetLevelOf:      {"%[1]s %[2]s", "%[1]s %[2]s"},

	AssetNext:         {"次に: %[1]s", "Next: %[1]s"},
	AssetThen:         {"、続いて ", ", then "},
	AssetStepManifest: {"マニフェストの %[1]s に %[2]s を加える", "add to %[1]s in the manifest %[2]s"},
	AssetStepRecreate: {
		"%[1]s で消し、マニフェストの %[2]s に %[3]s を加えて作り直す",
		"remove it with %[1]s, add to %[2]s in the manifest %[3]s and create it anew",
	},
	AssetStepLevel: {"（%[1]s に入るのは %[2]s）", " (%[1]s stands for %[2]s)"},

	AspectConfidentiality: {"機密性", "confidentiality"},
	AspectIntegrity:       {"完全性", "integrity"},
	AspectAvailability:    {"可用性", "availability"},
}
