// Package kube tests the chart in a real cluster, the one of $KUBECONFIG: `make e2e-kube`.
//
// It makes a namespace with a RabbitMQ, whose users have just the permissions that the
// chart documents, and with e2e/traffic; installs the chart; and then upgrades, breaks and
// scales it while signed events come in. What happens on purpose may not fail one request,
// and nothing that was accepted may be missing. In the end it uninstalls everything.
// TestTheChart does so with Deployments alone; TestWhatIsKept with volumes, certificates and
// policies, in a namespace of its own.
//
// What needs more than a bare cluster is skipped with a word where that is missing:
// metrics-server for autoscaling on CPU, KEDA for autoscaling with it, the API of external
// metrics from nobody else for prometheus-adapter, and a network that enforces policies. A
// cluster without a default storage class gets folders of its node as volumes.
//
//	HELM           the Helm programs: the first for TestTheChart, the last for TestWhatIsKept
//	LOAD_IMAGES    a command that brings the images named after it into the cluster, such as
//	               "kind load docker-image"; none: the cluster has them, or can pull them
//	E2E_REGISTRY   where the cluster pulls them from
package kube
