package api

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/worker/internal/adapter"
)

// errNoCheck is why this tracker asks no provider.
var errNoCheck = errors.New("this tracker asks no providers")

// CheckAccount answers POST /accounts/{name}/check.
func (s *Server) CheckAccount(c echo.Context, name NameParameter) error {
	a := s.options.Config().Accounts[name]
	switch {
	case a == nil:
		return errNotFound
	case s.options.CheckAccount == nil:
		return errNoCheck
	}
	report, usage, err := s.options.CheckAccount(c.Request().Context(), a)
	return c.JSON(http.StatusOK, checkOf(a, report, usage, err))
}

func checkOf(a *config.Account, report adapter.Report, usage adapter.Usage, err error) AccountCheck {
	facts := a.Facts()
	check := AccountCheck{
		Reads: err == nil, Trouble: given(string(adapter.TroubleOf(err))), Asks: AsksUnknown, Rights: []string{},
		Window: config.Duration(a.LookBack()).String(), Wait: config.Duration(a.LateBy()).String(),
		ReadWith: facts.ReadWith, AskWith: given(facts.AskWith), Lists: facts.Lists, Expires: at(report.Expires),
	}
	if report.Rights != nil {
		check.Rights = report.Rights
	}
	switch {
	case !facts.Redelivers, report.MayAsk != nil && !*report.MayAsk:
		check.Asks = AsksNo
	case report.MayAsk != nil:
		check.Asks = AsksYes
	}
	if sub := report.Subscription; sub != nil {
		check.Url, check.Active = given(sub.URL), &sub.Active
		if sub.Types != nil {
			check.Types = &sub.Types
		}
	}
	if usage.Limit > 0 {
		check.Limit, check.Remaining = &usage.Limit, &usage.Remaining
	}
	return check
}
