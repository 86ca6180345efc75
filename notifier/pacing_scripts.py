"""What Redis does about pace, each script in one go; and how a rate that nobody told is learned.

A provider that is given more than its account may send answers 429 and how long to wait. Where it
answers so to ten more calls that were under way then, and to three times as many as it takes of
them, its rate is what makes it ask, and a guess is made: as many a second as it had just taken of
one worker's calls. From then on calls have slots at that rate, which grows, at first quickly.

Each further wait ends a stretch: the rate goes back to a little less than what the provider took in
it while it wanted calls, by three tenths at the most. A rate that proved right within a tenth grows
half as fast from then on. Without a wait for ten minutes it is forgotten.

A provider that took nothing, or few, is not busy but ill: that is the breaker's affair, and tells
no rate. Nor does one that asks now and then, or within a second again however slowly it is called:
for a minute nothing is learned of that one.
"""

AHEAD_S = (0.1, 0.75)  # how far ahead slots are given out, at the least and at the most
AHEAD_CALLS = 48  # and about so many of them
FORGOTTEN_AFTER_MS = 600_000

_FIRST_GROWTH = 0.05  # a second, of the rate
_GROWTH = (0.005, 0.0005)  # after the second wait, and at the slowest
_RIGHT_WITHIN = 0.1
_LEAST_OF_RATE = 0.7  # what a wait leaves of a rate, at the least
_BELOW = 0.97  # of what was taken: at a provider without a bucket each wait costs all of its time
_LEAST_GUESS = 5
_PROOF = 10  # calls under way that were refused as well
_SHORT_S = 1.0  # a stretch in which it wanted calls for no longer than this
_SHORT_ONES = 3  # in a row: the rate is not what makes it ask
_PROOF_TIMES = 3  # as many as were taken of them
_OFF_FOR_MS = 60_000
_PROOF_FOR_MS = 10_000
_ONE_STRETCH_S = 0.5  # waits so soon after another are of calls that were under way

_CLOCK = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
"""

_RATE = f"""
local function learned(key)
  local held = redis.call('HMGET', key, 'base', 'at', 'growth')
  if not held[1] then return 0 end
  return tonumber(held[1]) * (1 + tonumber(held[3]) * math.max(0, now - tonumber(held[2])))
end
local function ahead_s(rate)
  return math.min({AHEAD_S[1]}, math.max({AHEAD_S[0]}, {AHEAD_CALLS} / rate))
end
"""

# KEYS: next, waits and learned of one gateway, in turn. ARGV: the told rate of each, 0 for none,
# and how many calls it took since this worker last said so. Answers for each the units that may be
# had now, the milliseconds that it asked to be let be, and its learned rate in thousandths.
LOOK = (
    _CLOCK
    + _RATE
    + """
local told = {}
for n = 1, #KEYS / 3 do
  local next_key, waits_key, learned_key = KEYS[3 * n - 2], KEYS[3 * n - 1], KEYS[3 * n]
  local rate, known = tonumber(ARGV[2 * n - 1]), 0
  if rate == 0 then
    known = learned(learned_key)
    rate = known
    if known > 0 and tonumber(ARGV[2 * n]) > 0 then
      redis.call('HINCRBY', learned_key, 'taken', ARGV[2 * n])
    end
  end
  local units = 0
  if rate > 0 then
    local from = math.max(now, tonumber(redis.call('GET', next_key) or 0))
    local ahead = ahead_s(rate)
    if from - now <= ahead then units = math.floor((now + ahead - from) * rate) + 1 end
  end
  local waits = tonumber(redis.call('GET', waits_key) or 0) - now
  told[3 * n - 2] = units
  told[3 * n - 1] = math.max(0, math.ceil(waits * 1000))
  told[3 * n] = math.floor(known * 1000)
end
return told
"""
)

# KEYS: next and waits of the gateway, the workers, learned. ARGV: the told rate or 0, how many
# seconds further ahead than usual, this worker's id, then each call's units. Answers how many
# workers there are, and the microseconds until the slot of each call that has one.
RESERVE = (
    _CLOCK
    + _RATE
    + """
local rate = tonumber(ARGV[1])
if rate == 0 then rate = learned(KEYS[4]) end
redis.call('ZADD', KEYS[3], now, ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - 30)
redis.call('EXPIRE', KEYS[3], 60)
local told = {redis.call('ZCARD', KEYS[3])}
if tonumber(redis.call('GET', KEYS[2]) or 0) > now then return told end
if rate == 0 then
  for n = 4, #ARGV do told[n - 2] = 0 end
  return told
end
local ahead = ahead_s(rate) + tonumber(ARGV[2])
local from = tonumber(redis.call('GET', KEYS[1]) or 0)
-- Further ahead than a long message takes: the clock went back.
if from < now or from > now + 60 + 10 / rate then from = now end
for n = 4, #ARGV do
  if from - now > ahead then break end
  told[n - 2] = math.floor((from - now) * 1000000)
  from = from + tonumber(ARGV[n]) / rate
end
local kept_ms = math.min(86400000, 120000 + math.ceil((from - now) * 1000))
redis.call('SET', KEYS[1], string.format('%.6f', from), 'PX', string.format('%d', kept_ms))
return told
"""
)

# KEYS: waits, learned and proof of the gateway. ARGV: milliseconds, whether it tells a rate, how
# many calls it took since this worker last said so, and how many of them in a second. A later end
# of the wait stays.
WAIT = (
    _CLOCK
    + _RATE
    + f"""
local before = tonumber(redis.call('GET', KEYS[1]) or 0)
local till = now + tonumber(ARGV[1]) / 1000
if till > before then
  redis.call('SET', KEYS[1], string.format('%.6f', till), 'PX', ARGV[1])
end
if ARGV[2] == '0' then return {{}} end
local rate = learned(KEYS[2])
if rate == 0 then
  if redis.call('EXISTS', KEYS[2]) == 1 then return {{}} end
  if now >= before then
    redis.call('HSET', KEYS[3], 'guess', ARGV[4], 'again', 0, 'taken', 0)
    redis.call('PEXPIRE', KEYS[3], {_PROOF_FOR_MS})
    return {{}}
  end
  local guess = tonumber(redis.call('HGET', KEYS[3], 'guess') or 0)
  local again = redis.call('HINCRBY', KEYS[3], 'again', 1)
  local after = redis.call('HINCRBY', KEYS[3], 'taken', ARGV[3])
  if guess < {_LEAST_GUESS} or again < math.max({_PROOF}, {_PROOF_TIMES} * after) then
    return {{}}
  end
  redis.call('HSET', KEYS[2], 'base', guess, 'growth', {_FIRST_GROWTH}, 'short', 0)
else
  local held = redis.call('HMGET', KEYS[2], 'base', 'at', 'growth', 'waited')
  local lasted = now - tonumber(held[2])
  local taken = redis.call('HINCRBY', KEYS[2], 'taken', ARGV[3])
  if now < before or lasted < {_ONE_STRETCH_S} then return {{}} end
  if taken == 0 then return {{}} end
  local wanted = lasted - tonumber(held[4])
  if wanted >= {_SHORT_S} then
    redis.call('HSET', KEYS[2], 'short', 0)
  elseif redis.call('HINCRBY', KEYS[2], 'short', 1) >= {_SHORT_ONES} then
    redis.call('HSET', KEYS[2], 'base', 0)
    redis.call('PEXPIRE', KEYS[2], {_OFF_FOR_MS})
    return {{}}
  end
  local through = taken / math.max({_ONE_STRETCH_S}, wanted)
  local growth = tonumber(held[3])
  if math.abs(through / tonumber(held[1]) - 1) < {_RIGHT_WITHIN} and growth <= {_GROWTH[0]} then
    growth = math.max(growth / 2, {_GROWTH[1]})
  else
    growth = {_GROWTH[0]}
  end
  local base = math.min(rate, math.max(through * {_BELOW}, rate * {_LEAST_OF_RATE}, 1))
  redis.call('HSET', KEYS[2], 'base', string.format('%.6f', base), 'growth', growth)
end
redis.call('HSET', KEYS[2], 'at', string.format('%.6f', now), 'taken', 0,
  'waited', tonumber(ARGV[1]) / 1000)
redis.call('PEXPIRE', KEYS[2], {FORGOTTEN_AFTER_MS})
return {{}}
"""
)
