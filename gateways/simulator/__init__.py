"""The simulator: a server of its own that stands in for providers and for citizens.

It speaks each provider's dialect on a port of its own, keeps a ledger of every message that a
provider would have taken, posts receipts, plays faults on demand, and shows the citizens'
phones on a page. It shares no code with the adapters it tests: what both got from one hand,
both would get wrong alike.

A send's way: `port` (draw, latency, fault) → the dialect reads it (`twilio`, `plain`) →
`ledger` (the row, on disk before the answer) → `receipts`. What drives it: `control`, `page`.
"""
