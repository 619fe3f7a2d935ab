package trackerclient_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/penstock/penstock/pkg/trackerclient"
)

// tracker stands for a real one: it has one event, and a job that ends when it is asked
// for.
func tracker() *httptest.Server {
	answer := func(status int, body any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(body)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /api/v1/events", answer(http.StatusOK, trackerclient.EventPage{Events: []trackerclient.Event{{Id: "e-1", Type: "invoice.paid"}}}))
	mux.Handle("POST /api/v1/jobs", answer(http.StatusAccepted, trackerclient.Job{Id: "j-1", State: trackerclient.Waiting}))
	mux.Handle("GET /api/v1/jobs/j-1", answer(http.StatusOK, trackerclient.Job{Id: "j-1", State: trackerclient.Done, Done: 1}))
	return httptest.NewServer(mux)
}

func ExampleConnect() {
	server := tracker()
	defer server.Close()
	client, err := trackerclient.Connect(server.URL, "a token that may read")
	if err != nil {
		fmt.Println(err)
		return
	}
	route := "invoices"
	answer, err := client.ListEventsWithResponse(context.Background(), &trackerclient.ListEventsParams{Route: &route})
	if err == nil {
		err = trackerclient.Check(answer.HTTPResponse, answer.ApplicationproblemJSONDefault)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range answer.JSON200.Events {
		fmt.Println(e.Id, e.Type)
	}
	// Output: e-1 invoice.paid
}

// Everything that a route has given up on is to be delivered once more.
func ExampleWait() {
	server := tracker()
	defer server.Close()
	client, err := trackerclient.Connect(server.URL, "a token that may replay")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	route, dead := "invoices", trackerclient.Dead
	answer, err := client.CreateJobWithResponse(ctx, trackerclient.JobRequest{
		Kind: trackerclient.Replay, Filter: trackerclient.Filter{Route: &route, State: &dead},
	})
	if err == nil {
		err = trackerclient.Check(answer.HTTPResponse, answer.ApplicationproblemJSONDefault)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	job, err := trackerclient.Wait(ctx, client, answer.JSON202.Id, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(job.State, job.Done)
	// Output: done 1
}
