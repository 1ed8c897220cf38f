#!/usr/bin/env bash
# Takes the operator out of the cluster of KUBECONFIG. What holds Pods is the operator, and only it lets them go: so the
# Regulation goes first, while the operator lives, and nothing else goes before no Pod is held any more.
#
# The records (systems, approvals and so on) stay in the cluster, the Regulation apart, unless RECORDS=delete. A copy of all
# of them is kept in bin/ either way.
set -euo pipefail

cd "$(dirname "$0")/.."
ours=(-l app.kubernetes.io/name=kitei --ignore-not-found)

# records prints the kinds of records that the cluster knows, joined by commas.
records() {
	kubectl api-resources --api-group=governance.kitei.dev --output=name | paste -sd, -
}

# held counts the Pods that carry our scheduling gate.
held() {
	kubectl get pods --all-namespaces --output \
		jsonpath='{range .items[*]}{.spec.schedulingGates[*].name}{"\n"}{end}' |
		grep -c 'governance.kitei.dev/approval' || true
}

# governed counts the namespaces in which something may still be refused or held.
governed() {
	kubectl get namespaces --output=name \
		--selector 'governance.kitei.dev/clearance in (cleared, images, held, denied)' | wc -l
}

kinds=$(records)
if [[ -n $kinds ]]; then
	mkdir -p bin
	backup=bin/records-$(date -u +%Y%m%dT%H%M%SZ).yaml
	echo "saving the records to $backup"
	kubectl get "$kinds" --output=yaml >"$backup"

	echo "deleting the Regulation, which ends the enforcement"
	kubectl delete regulations.governance.kitei.dev --all
fi

echo "waiting until no Pod is held and no namespace is governed"
for ((i = 0; ; i++)); do
	pods=$(held) namespaces=$(governed)
	if ((pods == 0 && namespaces == 0)); then
		break
	fi
	if ((i == 60)); then
		echo "after two minutes $pods Pods are still held and $namespaces namespaces still governed: is the operator alive?" >&2
		echo "the Regulation is deleted (a copy is in bin); nothing else was removed" >&2
		exit 1
	fi
	sleep 2
done

# Webhooks before the operator, or they would refuse what nobody answers for any more. Bindings before policies, as the
# API server would otherwise enforce nothing and complain of it. An older server does not know all the kinds.
echo "removing the webhooks and the policies"
kubectl delete mutatingwebhookconfigurations,validatingwebhookconfigurations "${ours[@]}"
for kind in $(kubectl api-resources --api-group=admissionregistration.k8s.io --output=name | grep admissionpolic | sort -r); do
	kubectl delete "$kind" "${ours[@]}"
done

if [[ ${RECORDS-} == delete ]]; then
	echo "deleting the records and their kinds"
	kubectl delete -k config/crd --ignore-not-found
fi

echo "removing the operator"
kubectl delete namespace kitei-system --ignore-not-found
kubectl delete clusterrolebindings,clusterroles "${ours[@]}"

echo "taking the marks off the namespaces"
kubectl label namespaces --all governance.kitei.dev/{clearance,system}- >/dev/null
kubectl annotate namespaces --all governance.kitei.dev/{mode,reason,message,approvals,images,images-match,until}- >/dev/null
