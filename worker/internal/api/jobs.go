package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/worker/internal/store"
)

// ListJobs answers GET /jobs.
func (s *Server) ListJobs(c echo.Context, p ListJobsParams) error {
	limit, err := limitOf(p.Limit)
	if err != nil {
		return err
	}
	page, err := s.Jobs(c.Request().Context(), value(p.Cursor), limit)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, page)
}

// Jobs returns a page of jobs, the newest first. The cursor is the id of the last one of
// the page before.
func (s *Server) Jobs(ctx context.Context, cursor string, limit int) (JobPage, error) {
	jobs, err := s.options.Store.Jobs(ctx, cursor, limit+1)
	if err != nil {
		return JobPage{}, err
	}
	page := JobPage{Jobs: make([]Job, 0, len(jobs))}
	for i := range jobs[:min(limit, len(jobs))] {
		page.Jobs = append(page.Jobs, jobOf(&jobs[i]))
	}
	if len(jobs) > limit {
		page.Next = &jobs[limit-1].ID
	}
	return page, nil
}

// GetJob answers GET /jobs/{id}.
func (s *Server) GetJob(c echo.Context, id IdParameter) error {
	j, err := s.Job(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, j)
}

// Job returns one job.
func (s *Server) Job(ctx context.Context, id string) (Job, error) {
	j, err := s.options.Store.Job(ctx, id)
	if err != nil {
		return Job{}, err
	}
	return jobOf(j), nil
}

// CancelJob answers POST /jobs/{id}/cancel.
func (s *Server) CancelJob(c echo.Context, id IdParameter) error {
	j, err := s.StopJob(c.Request().Context(), by(c), id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, j)
}

// StopJob cancels a job for somebody.
func (s *Server) StopJob(ctx context.Context, by, id string) (Job, error) {
	before, err := s.options.Store.Job(ctx, id)
	if err != nil {
		return Job{}, err
	}
	note := store.Audit{By: by, Action: "cancel", Target: id, Detail: string(before.Kind), Count: before.Done}
	if err := s.options.Store.EndJob(ctx, id, store.JobCancelled, note); err != nil {
		return Job{}, err
	}
	return s.Job(ctx, id)
}

func jobOf(j *store.Job) Job {
	out := Job{
		Id: j.ID, Kind: JobKind(j.Kind), Filter: filterOf(&j.Filter), To: given(j.To), State: JobState(j.State), RatePerSecond: j.Rate,
		Done: j.Done, Skipped: j.Skipped, Error: given(JobError(j.Trouble)), CreatedAt: j.Created, EndedAt: at(j.Ended), By: j.By,
	}
	if j.Total != store.Uncounted {
		out.Total = &j.Total
	}
	return out
}
