package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrEnded is returned for a job that has ended and can be changed no more.
var ErrEnded = errors.New("store: the job has ended")

// AddJob adds a job that waits to be worked on, with an entry of the audit.
func (s *Store) AddJob(ctx context.Context, j *Job, note Audit) error {
	values, err := j.values()
	if err != nil {
		return fmt.Errorf("add a job: %w", err)
	}
	return s.audited(ctx, "add a job", note, func(t *tx) error {
		q := new(query).add("INSERT INTO jobs ("+jobColumns+") VALUES ("+marks(len(values))+")", values...)
		_, err := t.exec(ctx, q)
		return err
	})
}

// Job returns a job. It fails with ErrNotFound.
func (s *Store) Job(ctx context.Context, id string) (*Job, error) {
	var j Job
	q := new(query).add("SELECT "+jobColumns+" FROM jobs WHERE id = ?", id)
	if err := s.one(ctx, q, func(scan func(...any) error) error { return scanJob(scan, &j) }); err != nil {
		return nil, fmt.Errorf("find job %s: %w", id, err)
	}
	return &j, nil
}

// Jobs returns up to limit jobs, the newest first, that are older than the one with the
// id after, which may be empty.
func (s *Store) Jobs(ctx context.Context, after string, limit int) ([]Job, error) {
	q := new(query).add("SELECT " + jobColumns + " FROM jobs WHERE 1 = 1")
	if after != "" {
		q.add(" AND id < ?", after)
	}
	return s.jobs(ctx, q.add(" ORDER BY id DESC LIMIT ?", limit))
}

// OpenJobs returns the jobs that have not ended, the oldest first, at most n.
func (s *Store) OpenJobs(ctx context.Context, n int) ([]Job, error) {
	return s.jobs(ctx, new(query).add("SELECT "+jobColumns+" FROM jobs WHERE state IN ('waiting', 'running') ORDER BY id LIMIT ?", n))
}

func (s *Store) jobs(ctx context.Context, q *query) ([]Job, error) {
	var all []Job
	err := each(ctx, s.read, s.bind, q, func(scan func(...any) error) error {
		var j Job
		err := scanJob(scan, &j)
		all = append(all, j)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	return all, nil
}

// SaveJob notes how far a job has come, and that it runs. It fails with ErrEnded when
// somebody has ended it meanwhile; what was done since is noted even then.
func (s *Store) SaveJob(ctx context.Context, id string, p Progress) error {
	var running int64
	err := s.transaction(ctx, func(t *tx) (err error) {
		q := new(query).add("UPDATE jobs SET position = ?, total = ?, done = ?, skipped = ?, note = ? WHERE id = ?",
			p.Position, p.Total, p.Done, p.Skipped, string(p.Trouble), id)
		if _, err = t.exec(ctx, q); err != nil {
			return err
		}
		running, err = t.exec(ctx, new(query).add("UPDATE jobs SET state = 'running' WHERE id = ? AND state IN ('waiting', 'running')", id))
		return err
	})
	if err != nil {
		return fmt.Errorf("save the progress of job %s: %w", id, err)
	}
	if running == 0 {
		return fmt.Errorf("job %s: %w", id, ErrEnded)
	}
	return nil
}

// EndJob ends a job, with an entry of the audit. It fails with ErrEnded when it has
// ended already, and with ErrNotFound.
func (s *Store) EndJob(ctx context.Context, id string, state JobState, note Audit) error {
	return s.audited(ctx, "end job "+id, note, func(t *tx) error {
		n, err := t.exec(ctx, new(query).add("UPDATE jobs SET state = ?, ended_at = ? WHERE id = ? AND state IN ('waiting', 'running')",
			string(state), time.Now().UnixMilli(), id))
		if err != nil || n == 1 {
			return err
		}
		known := false
		err = each(ctx, t, t.bind, new(query).add("SELECT id FROM jobs WHERE id = ?", id), func(func(...any) error) error {
			known = true
			return nil
		})
		switch {
		case err != nil:
			return err
		case known:
			return ErrEnded
		default:
			return ErrNotFound
		}
	})
}
