#!/usr/bin/env bash
# Takes Kitei out of the cluster of KUBECONFIG, whatever state it is in: with the operator alive or dead, with or without its
# kinds, after anything of it was deleted by hand. What enforces goes before what answers for it, so that no write waits for
# somebody who has gone, and what is held is let go when nothing holds it any more.
#
# The records (systems, approvals and so on) stay in the cluster, the Regulation apart, unless RECORDS=delete. A copy of all
# of them is kept in bin/ either way.
set -euo pipefail

cd "$(dirname "$0")/.."
ours=(--selector app.kubernetes.io/name=kitei --ignore-not-found)
gate=governance.kitei.dev/approval

# resources of an API group that the cluster knows, one a line: kinds may be gone, or newer than the server.
resources() {
	kubectl api-resources --api-group="$1" --output=name || true # it fails when any group of the cluster does not answer
}

# held Pods, one a line: namespace and name.
held() {
	kubectl get pods --all-namespaces --output \
		jsonpath='{range .items[*]}{.metadata.namespace} {.metadata.name} {.spec.schedulingGates[*].name}{"\n"}{end}' |
		awk -v gate="$gate" '{ for (i = 3; i <= NF; i++) if ($i == gate) print $1, $2 }'
}

kinds=$(resources governance.kitei.dev | paste -sd, -)
if [[ -n $kinds ]]; then
	mkdir -p bin
	backup=bin/records-$(date -u +%Y%m%dT%H%M%SZ).yaml
	echo "saving the records to $backup"
	kubectl get "$kinds" --output=yaml >"$backup"
fi
if [[ $kinds == *regulations* ]]; then
	# An operator that lives lets everything go by this alone, and marks no namespace anew.
	echo "deleting the Regulation, which ends the enforcement"
	kubectl delete regulations.governance.kitei.dev --all
fi

# Bindings before policies: without its policy a binding is an error to the API server.
echo "removing the webhooks and the policies"
kubectl delete mutatingwebhookconfigurations,validatingwebhookconfigurations "${ours[@]}"
for kind in $(resources admissionregistration.k8s.io | grep admissionpolic | sort -r); do
	kubectl delete "$kind" "${ours[@]}"
done

# The Deployment first, so that the operator ends in peace while it has its rights.
echo "removing the operator"
kubectl delete deployment kitei-controller-manager --namespace kitei-system --cascade=foreground --ignore-not-found
kubectl delete namespace kitei-system --ignore-not-found
kubectl delete clusterrolebindings,clusterroles "${ours[@]}"

if [[ ${RECORDS-} == delete ]]; then
	echo "deleting the records and their kinds"
	kubectl delete -k config/crd --ignore-not-found
fi

# The API server takes a moment to forget a policy: until then it refuses this, or holds another Pod.
echo "taking the marks off the namespaces"
for ((i = 0; ; i++)); do
	if problem=$(kubectl label namespaces --all governance.kitei.dev/{clearance,system}- 2>&1 >/dev/null &&
		kubectl annotate namespaces --all governance.kitei.dev/{mode,reason,message,approvals,images,images-match,until}- 2>&1 >/dev/null); then
		break
	fi
	if ((i == 30)); then
		echo "$problem" >&2
		exit 1
	fi
	sleep 1
done

echo "letting go what is held"
for ((i = 0; ; i++)); do
	pods=$(held)
	if [[ -z $pods ]]; then
		break
	fi
	if ((i == 30)); then
		printf 'these Pods are still held:\n%s\n' "$pods" >&2
		exit 1
	fi
	# Several at a time. A Pod may have gone meanwhile: what counts is that none is held in the end.
	xargs -P 8 -L 1 bash -c 'kubectl patch pod --namespace "$1" "$2" --type=strategic \
		--patch "{\"spec\": {\"schedulingGates\": [{\"name\": \"$0\", \"\$patch\": \"delete\"}]}}" >/dev/null || true' "$gate" <<<"$pods"
	((i == 0)) || sleep 1
done
