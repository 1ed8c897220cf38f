package main

import (
	"slices"

	"kitei.dev/kitei/api/v1alpha1"
)

const (
	steeringCommittee = "steering"
	securityCommittee = "security"
)

// committeeObjects returns the committees of articles 15 and 20, with the members of 別表第2 and 別表第3 in the order of the
// tables. A seat has the name of the section whose head holds it. Article 19-1 asks for a majority; of the security committee
// the text asks for none.
func committeeObjects(reg *register) []any {
	return []any{
		committeeObject(steeringCommittee, "電子情報システム運営委員会", "第15条、第17条、第19条、別表第2", v1alpha1.QuorumMajority,
			reg.seats(func(o office) int { return o.steeringPlace })),
		committeeObject(securityCommittee, "情報セキュリティ委員会", "第20条、第22条、第24条、別表第3", v1alpha1.QuorumNone,
			reg.seats(func(o office) int { return o.securityPlace })),
	}
}

func committeeObject(name, displayName, source string, quorum v1alpha1.QuorumRule, seats []v1alpha1.CommitteeMember) any {
	return &v1alpha1.Committee{
		TypeMeta:   typeMeta("Committee"),
		ObjectMeta: objectMeta(name, map[string]string{sourceAnnotation: source}),
		Spec: v1alpha1.CommitteeSpec{
			DisplayName:    displayName,
			Members:        seats,
			Quorum:         quorum,
			SecretariatRef: v1alpha1.NameReference{Name: digitalPromotionSection}, // articles 19-3 and 24-3
		},
	}
}

// seats are the offices that have a place in a table, in its order.
func (reg *register) seats(place func(office) int) []v1alpha1.CommitteeMember {
	listed := slices.DeleteFunc(slices.Clone(reg.offices), func(o office) bool { return place(o) == 0 })
	slices.SortFunc(listed, func(a, b office) int { return place(a) - place(b) })
	var seats []v1alpha1.CommitteeMember
	for _, o := range listed {
		seats = append(seats, v1alpha1.CommitteeMember{Name: o.section, Title: o.title})
	}
	return seats
}
