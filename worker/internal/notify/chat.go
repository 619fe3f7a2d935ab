package notify

import "strings"

// slackBody is a message for an incoming webhook of Slack.
func slackBody(m *message) any {
	return map[string]any{"text": escapeSlack(m.writeSubject()), "blocks": slackBlocks(m)}
}

// The bounds of Slack: blocks of a message, and characters of a text.
const (
	mostBlocks    = 45
	mostSlackText = 2900
)

func slackBlocks(m *message) []any {
	section := func(text string) any {
		return map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": cutText(text, mostSlackText)}}
	}
	if m.Test {
		return []any{section(escapeSlack(m.writeText()))}
	}
	var blocks []any
	for at := range m.News {
		if at == mostBlocks {
			return append(blocks, section("… and more: see the console"))
		}
		n := &m.News[at]
		blocks = append(blocks, section("*"+escapeSlack(writeHeadline(n))+"*\n"+escapeSlack(strings.Join(m.writeLines(n), "\n"))))
	}
	return blocks
}

// escapeSlack keeps a text from being markup: a mention, or a link with another text.
func escapeSlack(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// mostTeamsItems bounds a card: Teams takes 28 KB.
const (
	mostTeamsItems = 20
	mostTeamsText  = 1000
)

// teamsBody is a message for a workflow of Microsoft Teams: an adaptive card.
func teamsBody(m *message) any {
	items := []any{teamsText(m.writeSubject(), "bolder")}
	if m.Test {
		items = append(items, teamsText(m.writeText(), "default"))
	}
	for at := range m.News {
		if at == mostTeamsItems {
			items = append(items, teamsText("… and more: see the console", "default"))
			break
		}
		n := &m.News[at]
		items = append(items, teamsText(writeHeadline(n), "bolder"), teamsText(strings.Join(m.writeLines(n), "\n\n"), "default"))
	}
	return map[string]any{"type": "message", "attachments": []any{map[string]any{
		"contentType": "application/vnd.microsoft.card.adaptive",
		"content": map[string]any{
			"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": items,
		},
	}}}
}

func teamsText(text, weight string) any {
	return map[string]any{"type": "TextBlock", "text": cutText(escapeTeams(text), mostTeamsText), "weight": weight, "wrap": true}
}

// escapeTeams keeps a text from being Markdown: a link with another text, or an image.
func escapeTeams(text string) string {
	return strings.NewReplacer("[", "\\[", "]", "\\]", "*", "\\*", "`", "\\`").Replace(text)
}

// cutText cuts a text to so many bytes, between characters.
func cutText(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
