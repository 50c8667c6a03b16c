-- Keeps the windows of one quota, atomically. `ratelimit_redis.py` calls it; the rules are those of `windows.py`, except
-- that a sliding window above a limit of 200 merges the grants of 1/200 of its length.
--
-- KEYS: one hash (`paused`; for each window `used`, `limit`, `configured`, `reset`, `told`, `since`, `next`); then one
--       list for each window, of "<newest moment> <cost>" when it is sliding, of the moments of the first grants of the
--       period when it is fixed; then one list for each window, of "<moment> <cost> <next before>" when it has a burst.
-- ARGV: what to do, four numbers for it, the margin; then for each window its mark, whether it is fixed, limit, length,
--       burst. Moments and lengths are microseconds.
--   take     cost, cost of those before, moment of a grant to take back  ->  moment (0: not yet), wait, limit if above
--   pause    length
--   observe  number of the window, limit, remaining, reset_in (-1: not told)
--   look     ->  rest of the pause, then for each window limit, left, time until it is whole

local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local op, margin = ARGV[1], tonumber(ARGV[6])
local a, b, c, d = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local state, dirty, ttl = {}, {}, 0
local raw = redis.call('HGETALL', KEYS[1])
for i = 1, #raw, 2 do state[raw[i]] = tonumber(raw[i + 1]) end
local function put(field, value)
  state[field] = value
  dirty[#dirty + 1] = field
  dirty[#dirty + 1] = string.format('%.17g', value)
end
local function get(w, field) return state[w.mark .. field] or 0 end
local function set(w, field, value) put(w.mark .. field, value) end
local function entry(text)
  local at, cost = string.match(text, '(%S+) (%S+)')
  return tonumber(at), tonumber(cost)
end
local function line(at, cost) return string.format('%.0f %.0f', at, cost) end

local windows, count = {}, (#KEYS - 1) / 2
for i = 1, count do
  local at = 7 + (i - 1) * 5
  local w = {
    key = KEYS[1 + i], pace = KEYS[1 + count + i], mark = ARGV[at] .. ':', fixed = ARGV[at + 1] == '1',
    configured = tonumber(ARGV[at + 2]), length = tonumber(ARGV[at + 3]), burst = tonumber(ARGV[at + 4]),
  }
  w.span = w.length + margin
  w.limit = get(w, 'configured') == w.configured and get(w, 'limit') or w.configured
  w.width = w.limit > 200 and w.length / 200 or 0
  ttl = math.max(ttl, w.span)
  windows[#windows + 1] = w
  if w.fixed then
    w.used = now < get(w, 'reset') and get(w, 'used') or 0
  else
    local used, head = get(w, 'used'), redis.call('LINDEX', w.key, 0)
    while head do
      local newest, cost = entry(head)
      if newest + w.span > now then break end
      redis.call('LPOP', w.key)
      used, head = used - cost, redis.call('LINDEX', w.key, 0)
    end
    w.used = head and math.max(used, 0) or 0
    if w.used ~= get(w, 'used') then set(w, 'used', w.used) end
  end
end

local function add_to_pace(w, cost, at)
  local before = get(w, 'next')
  redis.call('RPUSH', w.pace, string.format('%.0f %.0f %.17g', at, cost, before))
  redis.call('LTRIM', w.pace, -200, -1)
  set(w, 'next', math.max(before, at) + cost * w.length / w.limit)
end

local function take_back_from_pace(w, cost, at) -- and play again what came after
  local again, text = {}, redis.call('LINDEX', w.pace, -1)
  while text do
    local moment, held, before = string.match(text, '(%S+) (%S+) (%S+)')
    if tonumber(moment) < at then break end
    again[#again + 1] = {tonumber(moment), tonumber(held)}
    set(w, 'next', tonumber(before))
    redis.call('RPOP', w.pace)
    text = redis.call('LINDEX', w.pace, -1)
  end
  for i = #again, 1, -1 do
    local moment, held = again[i][1], again[i][2]
    if moment == at and held == cost then at = 0 else add_to_pace(w, held, moment) end
  end
end

local function take_back(w, cost, at)
  if w.burst > 0 then take_back_from_pace(w, cost, at) end
  if w.fixed then
    local first = tonumber(redis.call('LINDEX', w.key, 0) or nil)
    if now >= get(w, 'reset') or not first or at < first then return end
    w.used = math.max(w.used - cost, 0)
    redis.call('LREM', w.key, 1, string.format('%.0f', at))
    if get(w, 'told') == 0 then
      first = tonumber(redis.call('LINDEX', w.key, 0) or nil)
      set(w, 'reset', first and first + w.span or 0)
    end
  elseif at + w.span > now then
    local i, newest, held, text = -1
    while true do
      local older = redis.call('LINDEX', w.key, i)
      local moment, count = entry(older or '0 0')
      if moment < at then break end
      text, newest, held, i = older, moment, count, i - 1
    end
    if not text then return end
    local taken = math.min(held, cost)
    if taken < held then redis.call('LSET', w.key, i + 1, line(newest, held - taken))
    else redis.call('LREM', w.key, -1, text) end
    w.used = w.used - taken
    set(w, 'since', 0)
  end
  set(w, 'used', w.used)
end

local function expected(w, short)
  if short > w.used then return now + w.span * (1 + math.floor((short - w.used - 1) / w.limit)) end
  local step = redis.call('LLEN', w.key) == w.used and short - 1 or 0
  for i = step, w.used do
    local newest, cost = entry(redis.call('LINDEX', w.key, i) or '0 0')
    if newest == 0 then break end
    if step > 0 or short <= cost then return newest + w.span end
    short = short - cost
  end
  return now + w.span -- Redis has evicted a part: the count is not to be trusted
end

local function ready(w, cost, ahead)
  local short, at = w.used + ahead + cost - w.limit, now
  if w.fixed then
    local open = now < get(w, 'reset')
    if short > 0 or (open and now >= get(w, 'reset') - 2 * margin) then
      at = (open and get(w, 'reset') or now + w.span) + math.max(0, math.floor((short - 1) / w.limit)) * w.span
    end
  elseif short > 0 then
    at = expected(w, short)
  end
  if w.burst > 0 then
    local due = math.max(get(w, 'next'), now) + (ahead - math.max(0, w.burst - cost)) * w.length / w.limit
    if due >= now + 1 then at = math.max(at, due) end
  end
  return at
end

local function add(w, cost)
  if w.burst > 0 then add_to_pace(w, cost, now) end
  if w.fixed then
    if now >= get(w, 'reset') then
      set(w, 'reset', now + w.span)
      set(w, 'told', 0)
      redis.call('DEL', w.key)
    end
    if redis.call('LLEN', w.key) < 200 then redis.call('RPUSH', w.key, string.format('%.0f', now)) end
  elseif now - get(w, 'since') < w.width and w.used > 0 then
    local _, held = entry(redis.call('LINDEX', w.key, -1))
    redis.call('LSET', w.key, -1, line(now, held + cost))
  else
    set(w, 'since', now)
    redis.call('RPUSH', w.key, line(now, cost))
  end
  w.used = w.used + cost
  set(w, 'used', w.used)
end

local function observe(w, limit, remaining, reset_in)
  if limit >= 1 then
    set(w, 'configured', w.configured)
    set(w, 'limit', limit)
    w.limit = limit
  end
  if w.fixed then
    if reset_in >= 0 then
      local reset = now + math.min(reset_in + margin, w.span)
      if reset <= get(w, 'reset') + w.span / 2 then
        if now >= get(w, 'reset') then w.used = get(w, 'used') end
        set(w, 'reset', reset)
        set(w, 'told', 1)
      elseif remaining >= 0 then
        set(w, 'reset', reset)
        set(w, 'told', 1)
        redis.call('DEL', w.key)
        w.used = 0
      end
    end
    if remaining >= 0 and now < get(w, 'reset') then w.used = math.max(w.used, w.limit - remaining) end
    set(w, 'used', w.used)
  elseif remaining >= 0 and w.limit - w.used > remaining then
    local others = w.limit - w.used - remaining
    local at = now - w.span + (reset_in < 0 and w.span or math.min(reset_in, w.span))
    local i, text = 0, redis.call('LINDEX', w.key, 0)
    while text and entry(text) < at do
      i = i + 1
      text = redis.call('LINDEX', w.key, i)
    end
    if text then redis.call('LINSERT', w.key, 'BEFORE', text, line(at, others))
    else redis.call('RPUSH', w.key, line(at, others)) end
    set(w, 'used', w.used + others)
  end
end

local answer, paused = {}, state['paused'] or 0
if op == 'take' then
  local at = paused
  for _, w in ipairs(windows) do
    if c > 0 then take_back(w, a, c) end
    if a > w.limit then answer = {0, 0, w.limit} end
    if a <= w.limit then at = math.max(at, ready(w, a, b)) end
  end
  if not answer[1] then
    answer = {0, math.ceil(at - now), 0}
    if at <= now then
      answer = {now, 0, 0}
      for _, w in ipairs(windows) do add(w, a) end
    end
  end
elseif op == 'pause' then
  paused = math.max(paused, now + a)
  put('paused', paused)
elseif op == 'observe' then
  observe(windows[a], b, c, d)
else
  answer = {math.max(0, paused - now)}
  for _, w in ipairs(windows) do
    local last = redis.call('LINDEX', w.key, -1)
    local whole = w.fixed and get(w, 'reset') or (last and entry(last) + w.span or now)
    for _, value in ipairs({w.limit, math.max(0, w.limit - w.used), math.max(0, whole - now)}) do
      answer[#answer + 1] = value
    end
  end
end
if #dirty > 0 then
  redis.call('HSET', KEYS[1], unpack(dirty))
  for i = 2, #KEYS do redis.call('PEXPIRE', KEYS[i], math.ceil(ttl / 1000) + 60000) end
  redis.call('PEXPIRE', KEYS[1], math.ceil(math.max(ttl, paused - now) / 1000) + 60000)
end
return answer
