// Package access keeps the ClusterRoleBindings that follow from the organisation: whoever holds an office gets the role that
// its work needs, from the day on which they hold it, and loses it with the office (articles 3, 3の2, 4, 12, 13 and 19).
//
// A binding opens the door of the API server and no more: who may apply for or decide what, the webhooks ask, live.
//
// Names that begin with [Prefix] are the operator's. What stands under such a name is made what the organisation says, or
// removed; bindings under other names are nobody's business here. Each unit has bindings of its own, so that a personnel
// change writes one small object, whatever the size of the organisation, and the name says why somebody has a role:
//
//	kitei:section:NAME:approvers     the head of a section decides minor changes (article 13)
//	kitei:section:NAME:applicants    the head and the members of a section
//	kitei:department:NAME:applicants the head of a department applies (article 12)
//	kitei:chief-information-officer  the head of the management department decides (articles 3 and 12)
//	kitei:secretariat                デジタル推進課 keeps the records of the committee (article 19-3)
//	kitei:auditors, kitei:registrars whom the Regulation names
//
// The API server lets an account bind a role that holds more than the account itself only where RBAC gives it the verb bind
// on that role. The operator has it on the five roles below by name, and the verb escalate on none: it can hand out nothing
// else, whatever it is made to write.
//
// +kubebuilder:rbac:groups=rbac.authorization.k8s.io,resources=clusterrolebindings,verbs=list;watch;create;update;delete
// +kubebuilder:rbac:groups=rbac.authorization.k8s.io,resources=clusterroles,resourceNames=kitei-applicant;kitei-approver;kitei-auditor;kitei-registrar;kitei-secretariat,verbs=bind
// +kubebuilder:rbac:groups=governance.kitei.dev,resources=regulations;departments;managingsections,verbs=list;watch
package access
