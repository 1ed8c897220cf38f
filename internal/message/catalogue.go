package message

import "maps"

// sentences is the whole catalogue.
var sentences = merge(ledgerSentences, clearanceSentences, procedureSentences, committeeSentences, consentSentences, officeSentences,
	organisationSentences, policySentences, ruleSentences, webhookSentences, classificationSentences, notificationSentences,
	pluginSentences, pluginProcedureSentences)

func merge(parts ...map[ID]sentence) map[ID]sentence {
	all := map[ID]sentence{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

// Offices (職) and fragments.
const (
	AndMore   ID = "AndMore"   // 1: how many more
	Or        ID = "Or"        // between two offices
	OfficeOf  ID = "OfficeOf"  // 1: role, 2: title
	OfficeNot ID = "OfficeNot" // 1: role; nobody holds it
	System    ID = "System"    // 1: display name, 2: name

	RoleChiefInformationOfficer     ID = "ChiefInformationOfficer"
	RoleDigitalPromotionSectionHead ID = "DigitalPromotionSectionHead"
	RoleDepartmentHead              ID = "DepartmentHead"
	RoleManagingSectionHead         ID = "ManagingSectionHead"
	RoleUsingDepartmentHead         ID = "UsingDepartmentHead"
	RoleUsingSectionHead            ID = "UsingSectionHead"
	RoleDataSectionHead             ID = "DataSectionHead"
)

var officeSentences = map[ID]sentence{
	AndMore:   {"ほか%[1]d件", " and %[1]d more"},
	Or:        {"又は", " or "},
	OfficeOf:  {"%[1]s（%[2]s）", "%[1]s (%[2]s)"},
	OfficeNot: {"%[1]s（現在その職にある者がいません）", "%[1]s (nobody holds that office now)"},
	System:    {"「%[1]s」（%[2]s）", "%[1]s (%[2]s)"},

	RoleChiefInformationOfficer:     {"情報統括責任者", "the chief information officer"},
	RoleDigitalPromotionSectionHead: {"情報管理責任者", "the information manager"},
	RoleDepartmentHead:              {"システム管理部長", "the head of the managing department"},
	RoleManagingSectionHead:         {"システム管理課長", "the head of the managing section"},
	RoleUsingDepartmentHead:         {"利用する部の長", "the head of a using department"},
	RoleUsingSectionHead:            {"利用する課の長", "the head of a using section"},
	RoleDataSectionHead:             {"データを管理する課の長", "the head of the section that manages the data"},
}
