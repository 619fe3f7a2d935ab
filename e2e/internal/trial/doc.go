// Package trial is what the end-to-end tests of deployments share: running commands, and
// asking the traffic program beside the installation for its counts.
//
//	out := trial.Run(t, time.Minute, "docker", "compose", "up", "--detach", "--wait")
//	traffic := trial.Traffic{Ask: func(path string) ([]byte, error) { … }}
//	traffic.Start(t, "https://gateway/in/github", 50)
//	report := traffic.Settle(t) // stops, and waits until every accepted event has come
package trial
