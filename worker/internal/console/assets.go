package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
)

//go:embed assets
var assetFiles embed.FS

// assets are the files that pages refer to, under a path that names their content: so a
// browser may keep them for ever.
type assets struct {
	files   fs.FS
	version string
}

func loadAssets() (*assets, error) {
	files, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	err = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		sum.Write([]byte(name))
		sum.Write(text)
		return err
	})
	return &assets{files, hex.EncodeToString(sum.Sum(nil)[:8])}, err
}

// prefix is the path of all of them.
func (a *assets) prefix() string { return Base + "/assets/" + a.version + "/" }

// path returns where a page finds a file.
func (a *assets) path(name string) string { return path.Join(a.prefix(), name) }

func (a *assets) handler() http.Handler {
	files := http.StripPrefix(a.prefix(), http.FileServerFS(a.files))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		files.ServeHTTP(w, r)
	})
}
