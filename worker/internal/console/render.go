package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed templates
var templateFiles embed.FS

// loadPages parses the frame and the parts with each page, once.
func (c *Console) loadPages() (map[string]*template.Template, error) {
	common, err := template.New("frame.html").Funcs(c.functions()).ParseFS(templateFiles, "templates/frame.html", "templates/parts/*.html")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(templateFiles, "templates/pages/*.html")
	if err != nil {
		return nil, err
	}
	pages := map[string]*template.Template{}
	for _, name := range names {
		own, err := common.Clone()
		if err != nil {
			return nil, err
		}
		if pages[strings.TrimSuffix(path.Base(name), ".html")], err = own.ParseFS(templateFiles, name); err != nil {
			return nil, err
		}
	}
	return pages, nil
}

// rendering says which page is to be shown, and with what.
type rendering struct {
	page   string // the name of its template
	title  string
	place  string // which entry of the navigation it belongs to
	status int    // 0: 200
	data   any
}

// view is what every template works with.
type view struct {
	Title, Place string
	Path         string // of this page, for forms that lead back
	Visitor      *visitor
	Theme        string // light, dark or, as the system has it, nothing
	Notice       *notice
	Now          time.Time
	Data         any
}

// render answers with a page. It fails before it writes anything.
func (c *Console) render(w http.ResponseWriter, r *http.Request, v *visitor, what rendering) error {
	all := view{
		Title: what.title, Place: what.place, Path: r.URL.RequestURI(), Visitor: v, Theme: themeOf(r),
		Notice: c.takeNotice(w, r), Now: c.now(), Data: what.data,
	}
	var text bytes.Buffer
	if err := c.pages[what.page].ExecuteTemplate(&text, "frame.html", all); err != nil {
		return fmt.Errorf("render %s: %w", what.page, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if what.status != 0 {
		w.WriteHeader(what.status)
	}
	_, _ = w.Write(text.Bytes()) // it fails only when the visitor has gone
	return nil
}
