// Package nearest finds the name that a misspelt one was most likely meant to be:
//
//	fmt.Sprintf("there is no %q%s", word, nearest.DidYouMean(word, known))
package nearest

import "strings"

// Name returns the candidate that word was most likely meant to be, or
// nothing when none is close: at most a third of its letters, and at least one,
// may be wrong, missing, surplus or swapped. Case does not matter.
func Name(word string, candidates []string) string {
	best, at := "", max(1, len([]rune(word))/3)+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < at {
			best, at = c, d
		}
	}
	return best
}

// DidYouMean returns ", did you mean …?" or nothing when no candidate is close.
func DidYouMean(word string, candidates []string) string {
	if near := Name(word, candidates); near != "" {
		return ", did you mean " + near + "?"
	}
	return ""
}

// maxWord bounds the work for a word that nobody would write as a name.
const maxWord = 100

// distance is the optimal string alignment distance: edits of single letters
// and swaps of neighbours.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s) > maxWord || len(t) > maxWord {
		return len(s) + len(t)
	}
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+differ(s[i-1], t[j-1]))
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(s)][len(t)]
}

func differ(a, b rune) int {
	if a == b {
		return 0
	}
	return 1
}
