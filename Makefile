# Penstock. `make` alone lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BIN     := bin
TOOLS   := .tools
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
MODULE  := $(shell sed -n 's/^module //p' go.mod)
LDFLAGS := -s -w -X $(MODULE)/pkg/buildinfo.version=$(VERSION)

GOLANGCI_LINT_VERSION := v2.15.0
GOTESTSUM_VERSION     := v1.13.0
HELM_VERSION          := v3.22.0
HELM4_VERSION         := v4.3.1
KUBECONFORM_VERSION   := v0.8.0
GORELEASER_VERSION    := v2.16.0
CYCLONEDX_VERSION     := v1.10.0
GORELEASER            := $(TOOLS)/goreleaser-$(GORELEASER_VERSION)
CYCLONEDX             := $(CURDIR)/$(TOOLS)/cyclonedx-$(CYCLONEDX_VERSION)/cyclonedx-gomod

# Where images and the chart are published.
REGISTRY ?= ghcr.io/penstock

# What stands between strangers and everything else: the packages whose tests are about nothing but that, and
# the tests over real processes.
HOSTILE := $(addprefix ./pkg/,config content credential curl expression filter header provider/... publickey quarantine signature transform view visible) \
  $(addprefix ./gateway/internal/,httpapi ingest journal quarantine) $(addprefix ./worker/internal/,api console/...) ./cli/internal/terminal
HOSTILE_E2E := Hostile|Hinder|BadRequests|BrokenChunking|Slow|Flood|Header|Quarantine|WrongSecret|Nobody|Spool|Travels|OldEvents|Copied|NoSecret|BusyMachine|CannotBeRead|WrittenAnd|IsWritten|EndsTheDeliverer|SecretsOfCompose|NothingCanCarry

comma := ,
GOBUILD ?= go build
PKG  ?= ./...
PREFIX ?= /usr/local
INSTALLED = $(DESTDIR)$(PREFIX)
FUZZ ?= 60s

##@ Use
.PHONY: run
run: ## try it: broker, gateway, deliverer, tracker and a receiver on this machine, until Ctrl-C
	@.ci/demo

.PHONY: stop
stop: ## end a make run of this folder, and what one left behind that was killed
	@.ci/demo stop

.PHONY: measure-first-run
measure-first-run: ## how long a first event takes: empty build cache, warm one, ready programs (5 minutes; restarts make run)
	@.ci/measure-first-run

.PHONY: build
build: ## build gateway, worker and penstock into bin/
	@mkdir -p $(BIN)
	CGO_ENABLED=0 $(GOBUILD) -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/ ./gateway ./worker ./cli/penstock

##@ Check
.PHONY: test
test: $(TOOLS)/gotestsum-$(GOTESTSUM_VERSION) ## every test, against a real RabbitMQ that it sets up (PKG=./pkg/amqpx/... for some)
	@.ci/test $(PKG)

.PHONY: test-console
test-console: $(TOOLS)/gotestsum-$(GOTESTSUM_VERSION) ## the console in headless Chromium, which it installs; writes the pictures in docs/images
	@.ci/test-console

.PHONY: test-docs
test-docs: ## the documentation: every link, snippet and name, and the commands of the pages against what they start (SHORT=1: runs no commands)
	@.ci/test-docs

.PHONY: test-stop
test-stop: ## end make run in every way, and look for what is left running (2 minutes; takes its ports)
	@.ci/test-stop

.PHONY: test-hostile
test-hostile: $(TOOLS)/gotestsum-$(GOTESTSUM_VERSION) ## what a hostile internet sends, at full size (15 minutes; a short form is part of make test)
	@[ "$$(ulimit -Hn)" = unlimited ] || [ "$$(ulimit -Hn)" -ge 12000 ] || { echo 'it needs 12000 open files: ulimit -Hn says '"$$(ulimit -Hn)"; exit 1; }
	@PENSTOCK_HOSTILE=full TEST_FORMAT=standard-verbose TEST_RACE= .ci/test $(HOSTILE)
	@PENSTOCK_HOSTILE=full TEST_FORMAT=standard-verbose .ci/test -run '$(HOSTILE_E2E)' ./e2e

.PHONY: test-outage
test-outage: ## gateways dead for half an hour while 5,000 events occur, for each provider with an API (a minute; a short form is part of make test)
	@PENSTOCK_OUTAGE=5000 go test -count 1 -v -run '^TestAnOutageLeavesNoGapAndNoSecondDelivery$$' ./worker/internal/reconcile

.PHONY: check-vulnerabilities
check-vulnerabilities: ## look up the dependencies in the Go vulnerability database, when it can be reached
	@if curl -fsS --max-time 10 -o /dev/null https://vuln.go.dev/index/db.json 2>/dev/null; then \
	  go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...; \
	else echo 'NOT CHECKED: the vulnerability database, https://vuln.go.dev, cannot be reached from here'; fi

.PHONY: test-brokers
test-brokers: $(TOOLS)/gotestsum-$(GOTESTSUM_VERSION) ## the tests that need RabbitMQ, against 3.10, 4.3 (Docker) and the one that PENSTOCK_TEST_AMQP_URLS names
	@.ci/test-brokers

.PHONY: test-interop
test-interop: $(TOOLS)/gotestsum-$(GOTESTSUM_VERSION) ## let the official npm packages of providers sign and verify; needs Node.js
	@.ci/interop

.PHONY: test-chart
test-chart: $(TOOLS)/helm-$(HELM_VERSION) $(TOOLS)/helm-$(HELM4_VERSION) $(TOOLS)/kubeconform-$(KUBECONFORM_VERSION) ## the Helm chart and k8s/: lint, golden files, schemas, with Helm 3 and 4
	@HELM="$(addprefix $(CURDIR)/,$(TOOLS)/helm-$(HELM_VERSION) $(TOOLS)/helm-$(HELM4_VERSION))" KUBECONFORM=$(CURDIR)/$(TOOLS)/kubeconform-$(KUBECONFORM_VERSION) .ci/test-chart

.PHONY: e2e-compose
e2e-compose: ## deploy with Docker Compose and Swarm, break and update it under load, and count (15 minutes)
	@.ci/e2e-compose

.PHONY: e2e-kube
e2e-kube: $(TOOLS)/helm-$(HELM_VERSION) $(TOOLS)/helm-$(HELM4_VERSION) ## install the chart in the cluster of $$KUBECONFIG, break, scale and update it under load, and count (30 minutes)
	@HELM="$(addprefix $(CURDIR)/,$^)" .ci/e2e-kube

.PHONY: prove
prove: ## break an installation in every way and count what is lost, on a cluster that it starts (12 minutes; SHORT=1: 4)
	@.ci/prove

.PHONY: test-memory
test-memory: ## each process under its worst inputs in a control group with the chart's limit: nothing may be killed (10 minutes; SHORT=1: 4)
	@.ci/test-memory

.PHONY: test-rules
test-rules: ## the alert rules, with promtool (Debian's package prometheus, which it installs when it is missing)
	@.ci/prometheus test

.PHONY: e2e-observe
e2e-observe: build ## a real Prometheus watches all processes, the broker goes away, and the right alert fires (3 minutes)
	@.ci/e2e-observe

.PHONY: lint
lint: $(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION) ## gofmt, go vet, golangci-lint
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo 'not formatted; run make format:'; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	$< run

.PHONY: fuzz
fuzz: ## every fuzz target, FUZZ=60s each
	@.ci/fuzz $(FUZZ)

.PHONY: bench
bench: ## measure gateway, deliverer and tracker beside naive ones, and write docs/performance.md (ROUNDS=1: print only; PROFILE=FILE: a CPU profile)
	@.ci/bench

.PHONY: bench-micro
bench-micro: ## the hot functions, each six times, for benchstat (PKG=./pkg/event: one package)
	@go test -run '^$$' -bench . -benchmem -count 6 $(or $(PKG),./...)

.PHONY: bench-store
bench-store: ## measure the tracker's store with five million events (half an hour)
	@.ci/bench-store

.PHONY: ci
ci: ## what continuous integration runs
	@.ci/run

.PHONY: bench-deliver
bench-deliver: ## the deliverer under load: isolation, a storm, throughput; prints figures (10 minutes)
	@.ci/bench-deliver

##@ Release
.PHONY: completion
completion: ## completion of the command penstock for bash, zsh, fish and PowerShell, in dist.d/completion
	@mkdir -p dist.d/completion
	@CGO_ENABLED=0 go build -trimpath -o dist.d/penstock ./cli/penstock
	@for shell in bash zsh fish powershell; do dist.d/penstock completion $$shell >dist.d/completion/penstock.$$shell; done

.PHONY: install
install: build completion man ## programs, completion and manual below PREFIX (/usr/local); DESTDIR comes before it
	install -d $(INSTALLED)/bin $(INSTALLED)/share/bash-completion/completions $(INSTALLED)/share/zsh/site-functions $(INSTALLED)/share/fish/vendor_completions.d $(INSTALLED)/share/man/man1
	install -m 755 $(BIN)/gateway $(BIN)/worker $(BIN)/penstock $(INSTALLED)/bin
	install -m 644 dist.d/completion/penstock.bash $(INSTALLED)/share/bash-completion/completions/penstock
	install -m 644 dist.d/completion/penstock.zsh $(INSTALLED)/share/zsh/site-functions/_penstock
	install -m 644 dist.d/completion/penstock.fish $(INSTALLED)/share/fish/vendor_completions.d/penstock.fish
	install -m 644 dist.d/man/*.gz $(INSTALLED)/share/man/man1

.PHONY: man
man: ## the manual's pages, compressed, in dist.d/man
	@mkdir -p dist.d/man
	@for page in docs/man/*.1; do gzip -9nc "$$page" >"dist.d/man/$${page##*/}.gz"; done

.PHONY: check-release
check-release: $(GORELEASER) ## whether .goreleaser.yaml is right
	$< check

.PHONY: snapshot
snapshot: $(GORELEASER) $(CYCLONEDX) ## all of a release in dist/, signed and published nowhere (SKIP=docker: no images)
	PATH="$(dir $(CYCLONEDX)):$$PATH" REGISTRY=$(REGISTRY) $< release --snapshot --clean --skip sign,publish$(if $(SKIP),$(comma)$(SKIP))
	@cp docs/reference/providers.json "dist/$$(sed -n 's/.*\(penstock-providers_.*\.json\)$$/\1/p' dist/checksums.txt)"
	@$(MAKE) --no-print-directory package-chart VERSION=$(VERSION)

.PHONY: release
release: $(GORELEASER) $(CYCLONEDX) ## what the workflow does for a tag: build, sign and draft it
	PATH="$(dir $(CYCLONEDX)):$$PATH" REGISTRY=$(REGISTRY) $< release --clean

.PHONY: package-chart
package-chart: $(TOOLS)/helm-$(HELM_VERSION) ## the chart with its version and that of the images, in dist/
	@mkdir -p dist
	@version="$(patsubst v%,%,$(VERSION))"; [[ $$version =~ ^[0-9]+\.[0-9]+\.[0-9]+ ]] || version="0.0.0-$$version"; \
	  cp -r charts/penstock dist/chart && sed -i 's#repository: penstock/#repository: $(REGISTRY)/#' dist/chart/values.yaml dist/chart/README.md && \
	  $< package dist/chart --destination dist --version "$$version" --app-version "$(patsubst v%,%,$(VERSION))"; rm -rf dist/chart

.PHONY: push-chart
push-chart: package-chart ## push the chart of VERSION to oci://$(REGISTRY)/charts
	$(TOOLS)/helm-$(HELM_VERSION) push dist/penstock-$(patsubst v%,%,$(VERSION)).tgz oci://$(REGISTRY)/charts

.PHONY: test-upgrade
test-upgrade: ## the version before and this one over the same broker and store, in both orders (FROM=REF: another one; 5 minutes)
	@.ci/test-upgrade $(FROM)

.PHONY: rename
rename: ## another home for the project: TO=OWNER/NAME
	@.ci/rename $(TO)

##@ Change
.PHONY: format
format: ## format the Go code
	gofmt -w $$(git ls-files '*.go')

.PHONY: generate
generate: $(TOOLS)/helm-$(HELM_VERSION) ## write every generated file anew
	go generate ./pkg/... ./worker/... ./cli/... ./docs ./charts # in this order: pages are made from schemas
	$< template penstock charts/penstock --namespace penstock --kube-version 1.34.0 --no-hooks --values k8s/values.yaml >k8s/base/penstock.yaml
	HELM=$(CURDIR)/$< go test -tags chart ./charts -run Render -update

.PHONY: pictures
pictures: ## draw docs/images/*.svg of *.dot, with Graphviz (Debian's package graphviz)
	@for picture in docs/images/*.dot; do dot -Tsvg "$$picture" -o "$${picture%.dot}.svg"; done

.PHONY: check-generated
check-generated: generate ## fail when a generated file is not up to date
	@git diff --exit-code --stat -- k8s charts docs pkg cli worker/internal/api || { echo 'generated files are out of date: run make generate and commit'; exit 1; }

.PHONY: clean
clean: ## stop the private brokers and remove what was built
	@for node in .run/broker/*/; do [ ! -d "$$node" ] || .ci/broker wipe "$$(basename "$$node")"; done
	@for server in postgres redis; do \
	  for folder in .run/$$server/*/; do [ ! -d "$$folder" ] || .ci/$$server wipe "$$(basename "$$folder")"; done; done
	rm -rf $(BIN) .run

.PHONY: help
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {gsub(/[$$][$$]/, "$$", $$2); printf "  make %-21s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Tools are built from their modules, pinned, into a folder of their own.
$(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION):
	@echo 'building golangci-lint $(GOLANGCI_LINT_VERSION) (a few minutes, once)'
	@GOBIN=$(CURDIR)/$(TOOLS) GOFLAGS= go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
	@mv $(TOOLS)/golangci-lint $@

$(TOOLS)/gotestsum-$(GOTESTSUM_VERSION):
	@echo 'building gotestsum $(GOTESTSUM_VERSION) (once)'
	@GOBIN=$(CURDIR)/$(TOOLS) GOFLAGS= go install gotest.tools/gotestsum@$(GOTESTSUM_VERSION)
	@mv $(TOOLS)/gotestsum $@

$(TOOLS)/helm-$(HELM_VERSION):
	@echo 'building helm $(HELM_VERSION) (a few minutes, once)'
	@GOBIN=$(CURDIR)/$(TOOLS) GOFLAGS= go install helm.sh/helm/v3/cmd/helm@$(HELM_VERSION)
	@mv $(TOOLS)/helm $@

$(TOOLS)/helm-$(HELM4_VERSION):
	@echo 'building helm $(HELM4_VERSION) (a few minutes, once)'
	@GOBIN=$(CURDIR)/$(TOOLS) GOFLAGS= go install helm.sh/helm/v4/cmd/helm@$(HELM4_VERSION)
	@mv $(TOOLS)/helm $@

$(GORELEASER):
	@echo 'building goreleaser $(GORELEASER_VERSION) (some minutes, once)'
	@GOBIN=$(CURDIR)/$(TOOLS) GOFLAGS= go install github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION)
	@mv $(TOOLS)/goreleaser $@

$(CYCLONEDX):
	@GOBIN=$(patsubst %/,%,$(dir $@)) GOFLAGS= go install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX_VERSION)

$(TOOLS)/kubeconform-$(KUBECONFORM_VERSION):
	@GOBIN=$(CURDIR)/$(TOOLS) GOFLAGS= go install github.com/yannh/kubeconform/cmd/kubeconform@$(KUBECONFORM_VERSION)
	@mv $(TOOLS)/kubeconform $@
