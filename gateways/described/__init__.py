"""A provider described in a file of settings, and nobody's code.

`reading` reads the file and says what is wrong in it, `description` is the whole of it. `filling`
puts values into its words, `calls` makes requests, `answers` reads what comes back, `webhooks` what
providers post, `statuses` what became of a message; `gateway` is the adapter over all of them.
"""
