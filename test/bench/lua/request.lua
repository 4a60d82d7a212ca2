-- Sends requests of another method, with content: wrk ... -- METHOD FILE
init = function(args)
  wrk.method = args[1]
  local file = assert(io.open(args[2], "rb"))
  wrk.body = file:read("*a")
  file:close()
end
