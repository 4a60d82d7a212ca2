-- Waits between the answer and the next request, at random around a mean: wrk ... -- MEAN_MS
init = function(args)
  mean = tonumber(args[1])
  math.randomseed(os.time())
end

-- Whole milliseconds, from none to twice the mean.
delay = function() return math.floor(math.random() * 2 * mean + 0.5) end
