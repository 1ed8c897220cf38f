# "make" alone says what there is.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The image to build or to install.
IMAGE ?= kitei:dev
# The manifests to install: config/default, config/older-server or config/cert-manager.
CONFIG ?= config/default
# What builds the image: docker or buildah. By default docker where its daemon runs.
BUILDER ?=
# What "make e2e" runs, all if empty, and the version that it upgrades from: a commit of this repository.
TESTS ?=
PREVIOUS ?= 320c8e4
# How many Pods the sample of "make run" has.
PODS ?= 3
# Flags of "make bench": -quick, -parts creates,lifting,rebuild,scale.
BENCH ?=
# The port on loopback on which the operator of "make run" serves its webhooks.
WEBHOOK_PORT ?= 9443
# The port on loopback on which "make run" takes mail.
MAIL_PORT ?= 2525
# How long "make fuzz" runs each target, and a pattern of the names of those that it runs.
FUZZTIME ?= 30s
FUZZ ?=

# Tools are pinned in modules of their own, so that what they need never weighs on the operator. Go builds each once and
# keeps it in its cache.
CONTROLLER_GEN := go tool -modfile=hack/tools/go.mod controller-gen
GOLANGCI_LINT := go tool -modfile=hack/tools/golangci-lint/go.mod golangci-lint

# Time zones go into the binary: the image has no file beside it. -trimpath keeps this machine's folders out of it.
BUILD := CGO_ENABLED=0 go build -trimpath -tags timetzdata -ldflags "-s -w"

##@ Try it

.PHONY: run
run: ## Run a control plane on this machine, or use that of KUBECONFIG, with the operator and the register in it
	go run ./hack/run -pods $(PODS) -webhook-port $(WEBHOOK_PORT) -mail-port $(MAIL_PORT)

##@ Develop

.PHONY: test
test: controlplane ## Run every test, those on a real control plane too
	echo "running the tests; a package says so when it is done"
	go test -timeout 75m ./...

.PHONY: fuzz
fuzz: ## Fuzz everything that parses input, each target for FUZZTIME
	FUZZTIME=$(FUZZTIME) FUZZ='$(FUZZ)' hack/fuzz.sh

# Each recipe line is one kind of test; what is fuzzed goes in a line of its own.
.PHONY: test-long
test-long: controlplane ## Run the long forms of the tests that have one; takes hours
	echo "restarts, failures, soak and one truth, at length"
	go test -timeout 8h -count=1 -v ./test/controlplane \
		-run '^Test(OperatorIsKilledAtEachStep|RollingUpdate|APIServerRestarts|EtcdIsSlow|OneTruth|Soak)' \
		-args -long -rapid.checks=1000

.PHONY: e2e
e2e: ## Install, upgrade and uninstall Kitei on a real node (as root; TESTS=REGEXP for some)
	echo "building what the tests need (the first time some minutes), then running them on a real node (about half an hour)"
	KITEI_E2E=1 PREVIOUS=$(PREVIOUS) go test -count=1 -timeout 90m -v -run '$(TESTS)' ./test/e2e

.PHONY: e2e-packages
e2e-packages: ## Install the Debian packages that "make e2e" needs
	apt-get update
	apt-get install --yes --no-install-recommends \
		buildah conntrack containerd containernetworking-plugins iproute2 iptables nftables runc

.PHONY: controlplane
controlplane: ## Build the control plane that "run" and "test" need (once, about five minutes)
	go test -timeout 40m -count=1 -v -run '^TestBuild$$' ./hack/devcluster

.PHONY: bench
bench: ## Measure what Kitei costs, and print the table (BENCH=-quick: a short one)
	go run ./hack/bench $(BENCH)

.PHONY: lint
lint: ## Run the linters
	echo "building the linters if need be (once, some minutes), then running them"
	$(GOLANGCI_LINT) run

.PHONY: format
format: ## Format the Go files
	$(GOLANGCI_LINT) fmt

.PHONY: generate
generate: ## Write what is generated: deep copies, CRDs, the operator's roles, the register
	echo "generating deep copies"
	$(CONTROLLER_GEN) object paths=./api/...
	echo "generating CRDs"
	$(CONTROLLER_GEN) crd paths=./api/... output:crd:artifacts:config=config/crd/bases
	echo "generating roles"
	$(CONTROLLER_GEN) rbac:roleName=kitei-controller-manager paths=./internal/... output:rbac:artifacts:config=config/rbac
	echo "generating the register"
	go run ./hack/register -out config/samples/arakawa

.PHONY: verify
verify: ## Prove that what is generated, formatted and required is current; changes nothing
	echo "formatting"
	hack/verify/format.sh
	echo "modules"
	hack/verify/modules.sh
	echo "generated files"
	hack/verify/generated.sh

##@ Build

.PHONY: build
build: ## Build bin/manager and bin/kubectl-kitei
	$(BUILD) -o bin/manager ./cmd/manager
	$(BUILD) -o bin/kubectl-kitei ./cmd/kubectl-kitei

.PHONY: docker-build
docker-build: ## Build IMAGE, with docker or buildah
	GOOS=linux $(BUILD) -o bin/manager ./cmd/manager
	builder="$(BUILDER)"; \
	if [[ -z $$builder ]]; then if docker info >/dev/null 2>&1; then builder=docker; else builder=buildah; fi; fi; \
	command -v "$$builder" >/dev/null || { echo "there is neither a docker daemon nor buildah" >&2; exit 1; }; \
	echo "building $(IMAGE) with $$builder"; \
	"$$builder" build --tag "$(IMAGE)" .

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin

##@ Install

# The policies last: they refuse Pods in namespaces that the operator has not seen, so they must not be there before it runs.
# Replicas that are older than their service account, because it was deleted meanwhile, have tokens that nobody believes.
.PHONY: install
install: ## Install IMAGE from CONFIG into the cluster of KUBECONFIG
	echo "installing the kinds"
	kubectl apply --server-side --force-conflicts -k config/crd
	kubectl wait --for=condition=Established --timeout=60s -f config/crd/bases
	apply() { kubectl kustomize "$(CONFIG)" | sed 's|image: kitei:dev$$|image: $(IMAGE)|' | \
		kubectl apply --server-side --force-conflicts --selector "$$1" -f -; }; \
	echo "installing the operator ($(IMAGE)) from $(CONFIG)"; \
	apply 'app.kubernetes.io/component!=policy'; \
	made=$$(kubectl --namespace kitei-system get serviceaccount kitei-controller-manager --output jsonpath={.metadata.creationTimestamp}); \
	for started in $$(kubectl --namespace kitei-system get pods --selector app.kubernetes.io/component=controller-manager \
		--output jsonpath={.items[*].metadata.creationTimestamp}); do \
		if [[ $$started < $$made ]]; then \
			kubectl --namespace kitei-system rollout restart deployment/kitei-controller-manager; \
			break; \
		fi; \
	done; \
	echo "waiting for the operator"; \
	kubectl --namespace kitei-system rollout status deployment/kitei-controller-manager --timeout=5m; \
	echo "installing the policies"; \
	apply 'app.kubernetes.io/component=policy'

.PHONY: uninstall
uninstall: ## Take the operator out of the cluster of KUBECONFIG; the records stay, unless RECORDS=delete
	RECORDS=$(RECORDS) hack/uninstall.sh

##@ Help

.PHONY: help
help: ## Say what there is
	awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z0-9-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	printf '\nVariables, as in "make install IMAGE=registry.example/kitei:1.0"\n'
	printf '  %-14s %s\n' \
		IMAGE      'the image to build or to install (now $(IMAGE))' \
		CONFIG     'config/default, config/older-server (before 1.36) or config/cert-manager' \
		PODS       'how many Pods the sample of "make run" has (now $(PODS))' \
		BENCH      'flags of "make bench": -quick, -parts creates,lifting,rebuild,scale' \
		WEBHOOK_PORT 'the port of the webhooks of "make run" (now $(WEBHOOK_PORT))' \
		FUZZTIME   'how long "make fuzz" runs each target (now $(FUZZTIME)); FUZZ chooses some by name' \
		MAIL_PORT  'the port on which "make run" takes mail (now $(MAIL_PORT))' \
		KUBECONFIG 'the cluster that install and uninstall speak to; "make run" uses it too when it is set' \
		BUILDER    'docker or buildah, for docker-build (by default whichever there is)' \
		TESTS      'a regular expression of the tests that "make e2e" runs' \
		PREVIOUS   'the commit that "make e2e" upgrades from (now $(PREVIOUS))' \
		RECORDS    '"delete" makes uninstall delete the records too; a copy stays in bin'

# The recipes speak for themselves, by echo.
.SILENT:
