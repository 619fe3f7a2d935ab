package api

import "github.com/labstack/echo/v4"

// ListDestinations comes with the next commits.
func (s *Server) ListDestinations(_ echo.Context) error { return errUnavailable }

// GetDestination comes with the next commits.
func (s *Server) GetDestination(_ echo.Context, _ NameParameter) error { return errUnavailable }

// PauseDestination comes with the next commits.
func (s *Server) PauseDestination(_ echo.Context, _ NameParameter) error { return errUnavailable }

// ResumeDestination comes with the next commits.
func (s *Server) ResumeDestination(_ echo.Context, _ NameParameter) error { return errUnavailable }

// GetOverview comes with the next commits.
func (s *Server) GetOverview(_ echo.Context, _ GetOverviewParams) error { return errUnavailable }

// GetRoute comes with the next commits.
func (s *Server) GetRoute(_ echo.Context, _ NameParameter) error { return errUnavailable }

// GetSource comes with the next commits.
func (s *Server) GetSource(_ echo.Context, _ NameParameter) error { return errUnavailable }
