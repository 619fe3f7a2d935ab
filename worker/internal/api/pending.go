package api

import "github.com/labstack/echo/v4"

// ListAudit comes with the next commits.
func (s *Server) ListAudit(_ echo.Context, _ ListAuditParams) error { return errUnavailable }

// ListDeadLetters comes with the next commits.
func (s *Server) ListDeadLetters(_ echo.Context, _ ListDeadLettersParams) error {
	return errUnavailable
}

// ListDestinations comes with the next commits.
func (s *Server) ListDestinations(_ echo.Context) error { return errUnavailable }

// GetDestination comes with the next commits.
func (s *Server) GetDestination(_ echo.Context, _ NameParameter) error { return errUnavailable }

// PauseDestination comes with the next commits.
func (s *Server) PauseDestination(_ echo.Context, _ NameParameter) error { return errUnavailable }

// ResumeDestination comes with the next commits.
func (s *Server) ResumeDestination(_ echo.Context, _ NameParameter) error { return errUnavailable }

// CountEvents comes with the next commits.
func (s *Server) CountEvents(_ echo.Context, _ CountEventsParams) error { return errUnavailable }

// DiscardEvent comes with the next commits.
func (s *Server) DiscardEvent(_ echo.Context, _ IdParameter) error { return errUnavailable }

// ReplayEvent comes with the next commits.
func (s *Server) ReplayEvent(_ echo.Context, _ IdParameter) error { return errUnavailable }

// ListJobs comes with the next commits.
func (s *Server) ListJobs(_ echo.Context, _ ListJobsParams) error { return errUnavailable }

// CreateJob comes with the next commits.
func (s *Server) CreateJob(_ echo.Context) error { return errUnavailable }

// GetJob comes with the next commits.
func (s *Server) GetJob(_ echo.Context, _ IdParameter) error { return errUnavailable }

// CancelJob comes with the next commits.
func (s *Server) CancelJob(_ echo.Context, _ IdParameter) error { return errUnavailable }

// GetLedger comes with the next commits.
func (s *Server) GetLedger(_ echo.Context) error { return errUnavailable }

// ListMissing comes with the next commits.
func (s *Server) ListMissing(_ echo.Context, _ ListMissingParams) error { return errUnavailable }

// GetMe comes with the next commits.
func (s *Server) GetMe(_ echo.Context) error { return errUnavailable }

// GetOverview comes with the next commits.
func (s *Server) GetOverview(_ echo.Context, _ GetOverviewParams) error { return errUnavailable }

// GetRoute comes with the next commits.
func (s *Server) GetRoute(_ echo.Context, _ NameParameter) error { return errUnavailable }

// GetSource comes with the next commits.
func (s *Server) GetSource(_ echo.Context, _ NameParameter) error { return errUnavailable }
