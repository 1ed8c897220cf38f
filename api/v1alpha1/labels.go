package v1alpha1

// Prefix starts every label and annotation key that Kitei reads or writes.
const Prefix = "governance.kitei.dev/"

// Labels and annotations of a Namespace. Only the operator's own account may write them, [LabelExempt] apart; the policy
// "kitei-namespaces" sees to that.
const (
	// LabelClearance holds what may run in the namespace now: one of the [Clearance] values.
	LabelClearance = Prefix + "clearance"
	// LabelSystem names the ElectronicSystem that the namespace belongs to.
	LabelSystem = Prefix + "system"

	// AnnotationMode holds the [EnforcementMode] of the namespace; it is absent without a Regulation.
	AnnotationMode = Prefix + "mode"
	// AnnotationReason holds the [ClearanceReason] of the clearance.
	AnnotationReason = Prefix + "reason"
	// AnnotationMessage says, on one line, why the clearance is what it is, which article says so, who must act, and what
	// to run next.
	AnnotationMessage = Prefix + "message"
	// AnnotationApprovals names the ChangeApprovals in effect, joined by commas: the newest decision first, and the first 256
	// of them.
	AnnotationApprovals = Prefix + "approvals"
	// AnnotationImages holds the image patterns of the approvals in effect, joined by commas, for people to read.
	AnnotationImages = Prefix + "images"
	// AnnotationImagesMatch holds the same patterns as one anchored RE2 expression, for the API server to match.
	AnnotationImagesMatch = Prefix + "images-match"
	// AnnotationUntil is the time (RFC 3339, UTC) at which the clearance changes by itself, if it does.
	AnnotationUntil = Prefix + "until"
	// AnnotationLapse is the time between the end of an approval and the clearance that followed from it, as an interval
	// (RFC 3339, UTC, joined by a slash). Pods that were created in it, and may not run, are evicted.
	AnnotationLapse = Prefix + "lapse"
)

// LabelExempt on a Namespace ("true") takes it out of Kitei's reach. Writing it needs the RBAC verb "exempt" on
// regulations.governance.kitei.dev.
const LabelExempt = Prefix + "exempt"

// Labels of an information asset (情報資産, article 26-2 (2)): the level of each aspect, as the SecurityStandard in force
// names it.
const (
	LabelConfidentiality = Prefix + "confidentiality"
	LabelIntegrity       = Prefix + "integrity"
	LabelAvailability    = Prefix + "availability"
)

// SchedulingGate holds a Pod whose system is not approved (article 12). Kitei adds and lifts this gate and no other.
const SchedulingGate = Prefix + "approval"

// OperatorNamespace is where the operator runs. The policies name it, so it cannot be changed at installation.
const OperatorNamespace = "kitei-system"

// OperatorServiceAccount is the operator's own account in [OperatorNamespace].
const OperatorServiceAccount = "kitei-controller-manager"

// OperatorUsername is the operator's account as the API server names it in a request.
const OperatorUsername = "system:serviceaccount:" + OperatorNamespace + ":" + OperatorServiceAccount

// UngovernedNamespaces are outside Kitei by name: the control plane's and the operator's own. The policies exclude the same
// ones.
func UngovernedNamespaces() []string {
	return []string{"kube-system", "kube-public", "kube-node-lease", OperatorNamespace}
}

// Clearance says what may run in a namespace now.
type Clearance string

const (
	// ClearanceCleared lets every Pod run: the system is approved for any image.
	ClearanceCleared Clearance = "cleared"
	// ClearanceImages lets the Pods run whose images the approvals in effect cover.
	ClearanceImages Clearance = "images"
	// ClearanceHeld admits new Pods with [SchedulingGate], which stays until the system is approved.
	ClearanceHeld Clearance = "held"
	// ClearanceDenied refuses new Pods and workloads.
	ClearanceDenied Clearance = "denied"
	// ClearanceObserved lets every Pod run, because nothing is enforced (modes Warn and Audit, no Regulation): what is missing
	// is only said.
	ClearanceObserved Clearance = "observed"
)

// ClearanceReason says why a namespace's clearance is what it is.
type ClearanceReason string

const (
	// ReasonApproved: the system is approved and the approval is in effect (article 12).
	ReasonApproved ClearanceReason = "Approved"
	// ReasonUnregisteredNamespace: no ElectronicSystem claims the namespace (article 4, 別表第1).
	ReasonUnregisteredNamespace ClearanceReason = "UnregisteredNamespace"
	// ReasonNoManagingSection: the system names no managing section, or one that does not exist or was abolished
	// (article 4).
	ReasonNoManagingSection ClearanceReason = "NoManagingSection"
	// ReasonNotApproved: no application to introduce the system was approved (article 12).
	ReasonNotApproved ClearanceReason = "NotApproved"
	// ReasonNotYetInEffect: the approval takes effect later (its scope's notBefore; article 12).
	ReasonNotYetInEffect ClearanceReason = "NotYetInEffect"
	// ReasonImageNotCovered: the system is approved, and no approval in effect covers this image (article 12).
	ReasonImageNotCovered ClearanceReason = "ImageNotCovered"
	// ReasonExpired: the approval ran out (its scope's notAfter; article 12).
	ReasonExpired ClearanceReason = "Expired"
	// ReasonRevoked: the approval was revoked (取消; article 12).
	ReasonRevoked ClearanceReason = "Revoked"
	// ReasonConsentMissing: a section whose data the change uses has not consented, or no longer does (article 14).
	ReasonConsentMissing ClearanceReason = "ConsentMissing"
	// ReasonUnratified: the approval was given in urgency and the committee did not ratify it in time (articles 12-2 and 12-4).
	ReasonUnratified ClearanceReason = "Unratified"
	// ReasonNamespaceNotCovered: the system is approved, and no approval in effect covers this namespace (article 12).
	ReasonNamespaceNotCovered ClearanceReason = "NamespaceNotCovered"
	// ReasonTooManyImages: the patterns of the approvals in effect are together too long for the API server to match.
	ReasonTooManyImages ClearanceReason = "TooManyImages"
	// ReasonNoRegulation: the cluster has no Regulation, so nothing is enforced (article 1).
	ReasonNoRegulation ClearanceReason = "NoRegulation"
)
