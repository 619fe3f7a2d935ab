package trackerclient

import (
	"context"
	"fmt"
	"time"
)

// askEvery is how often Wait asks.
const askEvery = 500 * time.Millisecond

// Ended reports whether nothing more will happen to the job.
func (j *Job) Ended() bool {
	switch j.State {
	case Waiting, Running:
		return false
	default:
		return true
	}
}

// Wait asks for a job until it has ended or ctx is done, and shows each answer to
// progress, which may be nil. A job that failed or was cancelled is no error.
func Wait(ctx context.Context, c ClientWithResponsesInterface, id string, progress func(*Job)) (*Job, error) {
	ticks := time.NewTicker(askEvery)
	defer ticks.Stop()
	for {
		answer, err := c.GetJobWithResponse(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("ask for job %s: %w", id, err)
		}
		if err := Check(answer.HTTPResponse, answer.ApplicationproblemJSONDefault); err != nil {
			return nil, fmt.Errorf("ask for job %s: %w", id, err)
		}
		if answer.JSON200 == nil {
			return nil, fmt.Errorf("ask for job %s: the answer is not a job", id)
		}
		if progress != nil {
			progress(answer.JSON200)
		}
		if answer.JSON200.Ended() {
			return answer.JSON200, nil
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return answer.JSON200, ctx.Err()
		}
	}
}
