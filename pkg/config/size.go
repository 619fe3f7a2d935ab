package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes. It is written with a unit: powers of 1024 as KiB,
// MiB, GiB and TiB, powers of 1000 as kB, MB, GB and TB, plain bytes as B or
// without a unit. The case of the unit does not matter. The number is whole.
type Size int64

// sizeUnit is a unit's lower-case name and its bytes.
type sizeUnit struct {
	name  string
	bytes int64
}

// sizeUnits lists the units, those that end like another one first.
func sizeUnits() []sizeUnit {
	return []sizeUnit{
		{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40},
		{"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12}, {"b", 1}, {"", 1},
	}
}

// ParseSize reads a Size as it is written in the configuration.
func ParseSize(text string) (Size, error) {
	lower := strings.ToLower(text)
	for _, u := range sizeUnits() {
		digits, found := strings.CutSuffix(lower, u.name)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimRight(digits, " "), 10, 63)
		if err != nil {
			break
		}
		if n > uint64(math.MaxInt64/u.bytes) {
			return 0, fmt.Errorf("%q is too large a size", text)
		}
		return Size(int64(n) * u.bytes), nil
	}
	return 0, fmt.Errorf("%q is not a size such as 512KiB, 5MiB or 20GB", text)
}

// UnmarshalText reads what ParseSize reads.
func (s *Size) UnmarshalText(text []byte) error {
	parsed, err := ParseSize(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String writes the size exactly, in the largest unit of 1024 that divides it.
func (s Size) String() string {
	units := sizeUnits()
	for i := 3; i >= 0; i-- {
		if u := units[i]; s != 0 && int64(s)%u.bytes == 0 {
			name := strings.ToUpper(u.name[:1]) + "iB"
			return strconv.FormatInt(int64(s)/u.bytes, 10) + name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}
