package message

// The organisation and its changes (組織改正), in conditions and events.
const (
	SectionIsAbolished      ID = "SectionIsAbolished"      // 1: day
	UnitSucceeded           ID = "UnitSucceeded"           // 1: day, 2: successor
	UnitNotEstablished      ID = "UnitNotEstablished"      // 1: day
	SystemsOrphaned         ID = "SystemsOrphaned"         // 1: section's name, 2: day, 3: how many, 4: systems
	SectionsOrphaned        ID = "SectionsOrphaned"        // 1: department's name, 2: day, 3: how many, 4: sections
	SystemManaged           ID = "SystemManaged"           // 1: section
	SystemMoves             ID = "SystemMoves"             // 1: section, 2: its successor, 3: day
	SystemOrphanedFrom      ID = "SystemOrphanedFrom"      // 1: section, 2: its name, 3: day
	SystemLapses            ID = "SystemLapses"            // 1: section, 2: day
	SystemSectionUnnamed    ID = "SystemSectionUnnamed"    //
	SystemSectionNotFound   ID = "SystemSectionNotFound"   // 1: section's name
	SystemSectionNotYet     ID = "SystemSectionNotYet"     // 1: section, 2: day
	SystemSectionIsOrphaned ID = "SystemSectionIsOrphaned" // 1: section, 2: its name, 3: day
)

var organisationSentences = map[ID]sentence{
	SectionIsAbolished: {"%[1]sに廃止されました（規程第4条）。", "Abolished on %[1]s (article 4)."},
	UnitSucceeded:      {"%[1]sに廃止され、%[2]sが引き継いでいます（規程第4条）。", "Abolished on %[1]s; followed by %[2]s (article 4)."},
	UnitNotEstablished: {
		"%[1]sに設置されます（規程第4条）。それまでその職にある者はいません。",
		"Established on %[1]s (article 4). Until then nobody holds its offices.",
	},
	SystemsOrphaned: {
		"電子情報システム %[3]d 件（%[4]s）は%[2]sから管理する課がありません（規程第4条）。台帳の管理者が課 %[1]s を引き継ぐ課か、各システムの移管先を定めてください。" +
			"次に: kubectl edit managingsection %[1]s",
		"From %[2]s on no section manages these systems, %[3]d in all: %[4]s (article 4). The registrar names the successor of section " +
			"%[1]s, or transfers each system. Next: kubectl edit managingsection %[1]s",
	},
	SectionsOrphaned: {
		"課 %[3]d 件（%[4]s）は%[2]sから属する部がなく、その電子情報システムについて申請できる部長がいません（規程第4条・第12条）。台帳の管理者が部 %[1]s を引き継ぐ部か、各課の属する部を定めてください。" +
			"次に: kubectl edit department %[1]s",
		"From %[2]s on these sections have no department, %[3]d in all: %[4]s; nobody can apply for their systems (articles 4 and 12). " +
			"The registrar names the successor of department %[1]s, or each section's department. Next: kubectl edit department %[1]s",
	},
	SystemManaged: {"%[1]sが管理しています（規程第4条）。", "Managed by section %[1]s (article 4)."},
	SystemMoves: {
		"%[1]sが管理しています。%[3]sから%[2]sが管理します（規程第4条）。",
		"Managed by section %[1]s, and from %[3]s on by section %[2]s (article 4).",
	},
	SystemOrphanedFrom: {
		"%[3]sから管理する課がありません（規程第4条）。%[1]sが引き継ぐ課なく廃止されるためです。台帳の管理者が引き継ぐ課か、移管先（spec.transfer）を定めてください。" +
			"次に: kubectl edit managingsection %[2]s",
		"From %[3]s on no section manages it (article 4), because section %[1]s is abolished without a successor. The registrar names " +
			"one, or transfers the system (spec.transfer). Next: kubectl edit managingsection %[2]s",
	},
	SystemLapses: {
		"%[2]sから管理する課がありません（規程第4条）。%[1]sの後の課が登録されていないか、その日にまだ設置されていないためです。台帳の管理者が改めてください。" +
			"次に: kubectl get managingsections -o wide",
		"From %[2]s on no section manages it (article 4): the one that is to follow section %[1]s is not registered, or not " +
			"established by then. The registrar mends that. Next: kubectl get managingsections -o wide",
	},
	SystemSectionUnnamed: {"管理する課が定められていません（規程第4条）。", "No managing section is named (article 4)."},
	SystemSectionNotFound: {
		"管理する課 %[1]s が登録されていません（規程第4条）。",
		"Section %[1]s, which is to manage it, is not registered (article 4).",
	},
	SystemSectionNotYet: {
		"管理する課 %[1]sは%[2]sに設置されます（規程第4条）。",
		"Section %[1]s, which is to manage it, is established on %[2]s (article 4).",
	},
	SystemSectionIsOrphaned: {
		"%[1]sは%[3]sに引き継ぐ課なく廃止されました（規程第4条）。台帳の管理者が引き継ぐ課を定めてください。次に: kubectl edit managingsection %[2]s",
		"Section %[1]s was abolished on %[3]s without a successor (article 4). The registrar names one. " +
			"Next: kubectl edit managingsection %[2]s",
	},
}
