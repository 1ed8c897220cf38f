package main

import "kitei.dev/kitei/api/v1alpha1"

const (
	standardName = "arakawa"

	// The department and the section that articles 3 and 3の2 name.
	managementDepartment    = "management"
	digitalPromotionSection = "digital-promotion"
)

// regulationObject returns the regulation.
func regulationObject() any {
	return &v1alpha1.Regulation{
		TypeMeta:   typeMeta("Regulation"),
		ObjectMeta: objectMeta(v1alpha1.RegulationName, nil),
		Spec: v1alpha1.RegulationSpec{
			DisplayName:                "荒川区電子情報システム管理運営規程",
			Language:                   v1alpha1.LanguageJapanese,
			TimeZone:                   "Asia/Tokyo",
			ManagementDepartmentRef:    v1alpha1.NameReference{Name: managementDepartment},
			DigitalPromotionSectionRef: v1alpha1.NameReference{Name: digitalPromotionSection},
			SecurityStandardRef:        &v1alpha1.NameReference{Name: standardName},
			Auditors:                   []v1alpha1.Subject{groupSubject(auditorsGroup)},
			Enforcement: v1alpha1.Enforcement{
				Mode:         v1alpha1.ModeHold,
				OnRevocation: v1alpha1.RevocationKeep,
			},
		},
	}
}

// standardObject returns the standard of article 27. The regulation leaves its levels open; these are the ones of the
// national guideline for local governments (総務省, revised in October 2024), described in our own words.
func standardObject() any {
	return &v1alpha1.SecurityStandard{
		TypeMeta:   typeMeta("SecurityStandard"),
		ObjectMeta: objectMeta(standardName, nil),
		Spec: v1alpha1.SecurityStandardSpec{
			DisplayName: "荒川区情報セキュリティ対策基準",
			Version:     "総務省ガイドライン（令和6年10月改定）の分類による",
			Confidentiality: []v1alpha1.LevelDefinition{
				{Name: "3A", Description: "秘密文書に当たるもの。知り得る者をあらかじめ定めた者だけに限る。"},
				{Name: "3B", Description: "漏れると個人の権利利益を大きく損なうもの。業務の規模や性質からみて、特に慎重な取扱いを要する。"},
				{Name: "3C", Description: "3Bほどではないが、公表を前提とせず、業務の規模や性質からみて注意して取り扱うもの。"},
				{Name: "2", Description: "3ほどの機密性は要しないが、すぐに公表することは想定していないもの。"},
				{Name: "1", Description: "公表しているもの、又は公表して差し支えないもの。"},
			},
			Integrity: []v1alpha1.LevelDefinition{
				{Name: "2", Description: "改ざん、誤り又は破損があると、住民の権利を侵し、又は行政事務に軽くない支障が出るもの。"},
				{Name: "1", Description: "完全性について2に当たらないもの。"},
			},
			Availability: []v1alpha1.LevelDefinition{
				{Name: "2", Description: "失われ、又は使えなくなると、住民の権利を侵し、又は行政事務の安定に軽くない支障が出るもの。"},
				{Name: "1", Description: "可用性について2に当たらないもの。"},
			},
		},
	}
}
