-- Copyright The annotation_metrics Authors
-- SPDX-License-Identifier: Apache-2.0

-- What wrk asks for: a fixed sequence of requests, over and over. (No HEAD: wrk would wait
-- for a body.) At the end it prints how many responses there were by status, one
-- `status <code> <number>` a line, and `completed <number>` and `broken <number>`.

-- How often in a sequence, method, path.
local mix = {
  {30, "GET", "/"}, {20, "GET", "/products/1"}, {20, "GET", "/products/22?color=%22red%22"}, {3, "GET", "/orders"},
  {10, "GET", "/missing"}, {20, "GET", "/products/3"}, {2, "POST", "/orders"}, {1, "GET", "/slow"}, {1, "GET", "/orders/failing"},
}

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  requests, sent, statuses = {}, 0, ""
  for _, r in ipairs(mix) do
    for _ = 1, r[1] do
      table.insert(requests, wrk.format(r[2], r[3], {["User-Agent"] = 'wrk "of a test" \\'}, r[2] == "POST" and "an order" or nil))
    end
  end
  count = {}
end

function request()
  sent = sent + 1
  return requests[sent % #requests + 1]
end

function response(status)
  count[status] = (count[status] or 0) + 1
  -- Only texts and numbers get from a thread to done().
  statuses = ""
  for code, n in pairs(count) do
    statuses = statuses .. "status " .. code .. " " .. n .. "\n"
  end
end

function done(summary)
  for _, thread in ipairs(threads) do
    io.write(thread:get("statuses"))
  end
  local e = summary.errors
  io.write("completed ", summary.requests, "\n")
  io.write("broken ", e.connect + e.read + e.write + e.timeout, "\n")
end
