package classification

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"kitei.dev/kitei/api/v1alpha1"
	domain "kitei.dev/kitei/internal/classification"
)

// AuditKey is the key of the audit annotation that holds the findings; the API server puts the webhook's name before it.
const AuditKey = "classification"

// Handler answers the webhook.
type Handler struct {
	// Cache answers where nothing is wrong, which is the rule.
	Cache client.Reader
	// Live reads from the API server: claims and workloads always, everything once more before a finding counts.
	Live client.Reader
	// Clock tells which sections stand (article 4), and so who may class a system.
	Clock clock.PassiveClock
}

var _ admission.Handler = &Handler{}

// Handle asks for the class of one asset. It writes nothing, so that a dry run gets the same answer.
func (h *Handler) Handle(ctx context.Context, request admission.Request) admission.Response {
	subject, asked, err := parse(request)
	switch {
	case err != nil:
		return admission.Errored(http.StatusBadRequest, fmt.Errorf("the classification cannot be checked: %w", err))
	case !asked:
		return admission.Allowed("")
	}
	// What the cache finds in order is in order. What it cannot tell, or finds wrong, may be its own lateness.
	cached, err := h.judge(ctx, h.Cache, subject)
	if err == nil && cached.system != "" && len(cached.findings) == 0 {
		return admission.Allowed("")
	}
	live, err := h.judge(ctx, h.Live, subject)
	if err != nil {
		return admission.Errored(http.StatusInternalServerError, fmt.Errorf("the classification cannot be checked: %w", err))
	}
	return answer(live)
}

// subject is what a request writes.
type subject struct {
	namespace string
	asset     domain.Asset
	before    *domain.Asset
}

// parse reads a request. It asks nothing of what is being deleted, nor of an update that changes neither class nor volumes, nor
// of one to the class of what a controller made: that is its controller's.
func parse(request admission.Request) (read subject, asked bool, err error) {
	if request.SubResource != "" && request.SubResource != "status" { // a status update can carry labels, a scale none
		return read, false, nil
	}
	read.namespace = request.Namespace // the object's own may be empty
	object, asset, err := decode(request.Kind, request.Object.Raw)
	if err != nil {
		return read, false, err
	}
	read.asset = asset
	if object.GetDeletionTimestamp() != nil {
		return read, false, nil
	}
	if request.Operation == admissionv1.Update {
		old, before, err := decode(request.Kind, request.OldObject.Raw)
		if err != nil {
			return read, false, err
		}
		read.before = &before
		if withClass(before, asset.Class).Equal(asset) && controlled(request.Kind.Kind, old, object) {
			return read, false, nil
		}
	}
	return read, read.before == nil || !read.before.Equal(asset), nil
}

func withClass(asset domain.Asset, class v1alpha1.Classification) domain.Asset {
	asset.Class = class
	return asset
}

// answer is the response to a verdict, as the namespace's mode has it. A refusal is the default: an unknown mode lets nothing
// through.
func answer(v verdict) admission.Response {
	lines := domain.Explain(v.question, v.findings, v.organisation)
	if len(lines) == 0 {
		return admission.Allowed("")
	}
	text := strings.Join(lines, " ")
	switch v.mode {
	case v1alpha1.ModeWarn:
		return audited(text).WithWarnings(lines...)
	case v1alpha1.ModeAudit:
		return audited(text)
	case v1alpha1.ModeHold, v1alpha1.ModeDeny:
	}
	return admission.Denied(text)
}

func audited(text string) admission.Response {
	response := admission.Allowed("")
	response.AuditAnnotations = map[string]string{AuditKey: text}
	return response
}
