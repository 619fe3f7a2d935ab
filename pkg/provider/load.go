package provider

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed presets/*.yaml
var presetFiles embed.FS

const (
	presetFolder    = "presets"
	presetExtension = ".yaml"
)

// read parses the preset of an id, strictly: an unknown field is an error. A
// missing one is fs.ErrNotExist.
func read(id string) (*Preset, error) {
	if id != path.Base(id) {
		return nil, fs.ErrNotExist
	}
	data, err := presetFiles.ReadFile(path.Join(presetFolder, id+presetExtension))
	if err != nil {
		return nil, err
	}
	return parse(id, data)
}

func parse(id string, data []byte) (*Preset, error) {
	preset := &Preset{}
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(preset); err != nil {
		return nil, fmt.Errorf("preset %s: %w", id, err)
	}
	if preset.Like != "" {
		base, err := read(preset.Like)
		if err != nil {
			return nil, fmt.Errorf("preset %s: like %s: %w", id, preset.Like, err)
		}
		if base.Like != "" {
			return nil, fmt.Errorf("preset %s: like %s: is itself like %s", id, preset.Like, base.Like)
		}
		if err := overlay(base, preset, data); err != nil {
			return nil, fmt.Errorf("preset %s: %w", id, err)
		}
		preset = base
	}
	preset.ID = id
	return preset, nil
}

// overlay replaces the fields of base that data states. A field is replaced whole:
// an inherited scheme is never mixed with a stated one.
func overlay(base, stated *Preset, data []byte) error {
	var names map[string]any
	if err := yaml.Unmarshal(data, &names); err != nil {
		return err
	}
	to, from := reflect.ValueOf(base).Elem(), reflect.ValueOf(stated).Elem()
	for i := range to.NumField() {
		if _, ok := names[to.Type().Field(i).Tag.Get("yaml")]; ok {
			to.Field(i).Set(from.Field(i))
		}
	}
	return nil
}

// ids lists the presets in alphabetical order.
func ids() []string {
	entries, err := presetFiles.ReadDir(presetFolder)
	if err != nil {
		return nil // the folder is embedded: it is there
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = strings.TrimSuffix(entry.Name(), presetExtension)
	}
	slices.Sort(names) // the folder is sorted with the extensions
	return names
}
