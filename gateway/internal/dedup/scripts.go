package dedup

import (
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// An event is a hash in Redis, with the fields of entry: id, claims, held, accepted and
// until, which is in milliseconds by the clock of Redis. The key's own expiry forgets it.
const nowScript = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
`

// claimScript does what entry.claim does. It answers with the fields of a Claim.
var claimScript = redis.NewScript(nowScript + `
local known = redis.call('HMGET', KEYS[1], 'id', 'held', 'accepted', 'until', 'done')
local id, running = known[1] or ARGV[1], now < tonumber(known[4] or 0)
if running and known[2] == '1' then return {'pending', id, '0', '0', ''} end
if running and known[3] == '1' then return {'duplicate', id, '0', '0', ''} end
local claims = redis.call('HINCRBY', KEYS[1], 'claims', 1)
redis.call('HSET', KEYS[1], 'id', id, 'held', '1', 'until', now + ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {'granted', id, tostring(claims), known[3] or '0', known[5] or ''}`)

// acceptScript does what entry.accept does.
var acceptScript = redis.NewScript(nowScript + `
if redis.call('HGET', KEYS[1], 'accepted') ~= '1' then
  redis.call('HSET', KEYS[1], 'id', ARGV[1])
end
redis.call('HSET', KEYS[1], 'held', '0', 'accepted', '1', 'until', now + ARGV[2])
redis.call('HDEL', KEYS[1], 'done')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {}`)

// releaseScript notes the places that have the event, and does what entry.release does unless
// the outcome is unknown.
var releaseScript = redis.NewScript(`
local known = redis.call('HMGET', KEYS[1], 'id', 'claims', 'held')
if known[1] ~= ARGV[1] or known[2] ~= ARGV[2] or known[3] ~= '1' then return {} end
redis.call('HSET', KEYS[1], 'done', ARGV[3])
if ARGV[4] ~= '1' then redis.call('HSET', KEYS[1], 'held', '0', 'until', '0') end
return {}`)

// claimOf reads the answer of claimScript.
func claimOf(answer []string) Claim {
	number, _ := strconv.ParseUint(answer[2], 10, 32) // the script wrote it
	c := Claim{ID: answer[1], Number: uint32(number), Repeated: answer[3] == "1"}
	if answer[4] != "" {
		c.Done = strings.Split(answer[4], ",")
	}
	switch answer[0] {
	case "pending":
		c.State = Pending
	case "duplicate":
		c.State = Duplicate
	}
	return c
}
