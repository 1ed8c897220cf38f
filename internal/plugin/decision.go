package plugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"kitei.dev/kitei/api/v1alpha1"
)

// decisionPatch is the merge patch of a decision on the application with this resource version, and on no other. Without a
// reason the one that stands is left alone.
func decisionPatch(resourceVersion string, decision v1alpha1.Decision, reason string) ([]byte, error) {
	type meta struct {
		ResourceVersion string `json:"resourceVersion"`
	}
	type status struct {
		Decision       v1alpha1.Decision `json:"decision"`
		DecisionReason string            `json:"decisionReason,omitempty"`
	}
	patch, err := json.Marshal(struct {
		Metadata meta   `json:"metadata"`
		Status   status `json:"status"`
	}{meta{resourceVersion}, status{decision, reason}})
	if err != nil {
		return nil, fmt.Errorf("write the patch: %w", err)
	}
	return patch, nil
}

// sameQuestion says whether an application read again still asks what was read first, and is as undecided.
func sameQuestion(first, again *v1alpha1.ChangeApproval) bool {
	return first.UID == again.UID &&
		equality.Semantic.DeepEqual(first.Spec, again.Spec) &&
		first.Status.Decision == again.Status.Decision &&
		first.Status.DecisionReason == again.Status.DecisionReason
}

// refusal is the kind of a refusal, by what helps against it.
type refusal string

const (
	// refusalVerdict: the API server, or Kitei in it, says no.
	refusalVerdict refusal = "verdict"
	// refusalNoRight: RBAC says no.
	refusalNoRight refusal = "no right"
	// refusalNotFound: there is no such application.
	refusalNotFound refusal = "not found"
	// refusalChanged: it changed meanwhile.
	refusalChanged refusal = "changed"
	// refusalDown: the webhook that attests decisions does not answer.
	refusalDown refusal = "down"
	// refusalUnreachable: no answer of the API server's, or not one that knows Kitei.
	refusalUnreachable refusal = "unreachable"
)

func kindOf(err error) refusal {
	var status apierrors.APIStatus
	switch {
	case errors.Is(err, errChanged), apierrors.IsConflict(err):
		return refusalChanged
	case apierrors.IsNotFound(err):
		return refusalNotFound
	case apierrors.IsInternalError(err) && strings.Contains(err.Error(), "failed calling webhook"):
		return refusalDown
	case byRBAC(err):
		return refusalNoRight
	case !errors.As(err, &status):
		return refusalUnreachable
	}
	return refusalVerdict
}

// authorizerText is how the API server writes that an authorizer refused a request.
var authorizerText = regexp.MustCompile(`is forbidden: User ".*" cannot [a-z]+ `)

// byRBAC tells a refusal of the authorizer from one of admission: both are 403, and only the first names the user and what
// the user cannot do.
func byRBAC(err error) bool {
	return apierrors.IsForbidden(err) && authorizerText.MatchString(err.Error())
}
