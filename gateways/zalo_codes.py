"""Zalo's codes for template messages by phone, one by one.

Source: zalo.cloud/zns/guidelines/handle-error-code and public clients' copies of it, read 2026-11.
A code that is not here tells nothing certain, nor does an answer without a number. Not here: -100,
"unknown error, try again later", which does not say that nothing was sent.
"""

from gateways.base import Fault

CODES: dict[int, Fault] = {
    # This phone cannot be reached on Zalo, or not for this: by SMS instead.
    -108: Fault.CHANNEL,  # the phone's number: an SMS gateway judges it for itself
    -110: Fault.CHANNEL,  # its Zalo is too old
    -114: Fault.CHANNEL,  # inactive, refuses, or too old
    -118: Fault.CHANNEL,  # no Zalo account
    -119: Fault.CHANNEL,  # the account cannot receive
    -139: Fault.CHANNEL,  # the citizen wants no such messages on Zalo
    -140: Fault.CHANNEL,  # the citizen may not be sent such
    -141: Fault.CHANNEL,  # the citizen wants none from this account
    -147: Fault.CHANNEL,  # the template's messages of the day are used up
    -1441: Fault.CHANNEL,  # limits of what is not told at once: promotion, follow-up
    -1471: Fault.CHANNEL,
    -1472: Fault.CHANNEL,
    # The template or its parameters.
    -109: Fault.CONTENT,  # no such template
    -111: Fault.CONTENT,  # no parameters
    -112: Fault.CONTENT,  # parameters of another type
    -1121: Fault.CONTENT,  # a parameter is too long
    -1122: Fault.CONTENT,  # a parameter is missing
    -1123: Fault.CONTENT,  # no QR code can be made
    -1124: Fault.CONTENT,  # a parameter's form
    -113: Fault.CONTENT,  # the button
    -1131: Fault.CONTENT,  # the button's link
    -116: Fault.CONTENT,  # the words
    -117: Fault.CONTENT,  # neither app nor account may use this template
    -121: Fault.CONTENT,  # empty
    -122: Fault.CONTENT,  # no JSON
    -127: Fault.CONTENT,  # a template to try, for administrators alone
    -130: Fault.CONTENT,  # too long
    -131: Fault.CONTENT,  # the template is not approved
    -132: Fault.CONTENT,  # a parameter of the call
    -145: Fault.CONTENT,  # the account may not send this kind of content
    -146: Fault.CONTENT,  # the template was disabled: too many reported it
    -153: Fault.CONTENT,  # against the rules for parameters
    -161: Fault.CONTENT,  # sending_mode
    -162: Fault.CONTENT,
    # The app, the official account, its money.
    -101: Fault.ACCOUNT,  # the app
    -102: Fault.ACCOUNT,  # no such app
    -103: Fault.ACCOUNT,  # the app is not activated
    -104: Fault.ACCOUNT,  # the app's secret
    -105: Fault.ACCOUNT,  # the app has no official account
    -106: Fault.ACCOUNT,  # the method
    -115: Fault.ACCOUNT,  # no money left
    -120: Fault.ACCOUNT,  # the account may not use this
    -124: Fault.ACCOUNT,  # the access token: a fresh one too
    -1241: Fault.ACCOUNT,  # the proof of the app's secret: of a fresh token too
    -125: Fault.ACCOUNT,  # the official account's id
    -126: Fault.ACCOUNT,  # no money left to try with
    -135: Fault.ACCOUNT,  # the account may not send: not verified, or no plan
    -1351: Fault.ACCOUNT,  # Zalo blocked the account
    -136: Fault.ACCOUNT,  # no Zalo Cloud account
    -137: Fault.ACCOUNT,  # the Zalo Cloud account cannot be charged
    -138: Fault.ACCOUNT,  # the app may not use this
    -1381: Fault.ACCOUNT,
    -216: Fault.ACCOUNT,  # the access token, in the words of Zalo's other API
    -220: Fault.ACCOUNT,
}
TOKEN_REFUSED = frozenset({-124, -1241, -216, -220})

# Surely not sent, and the seconds until the account may send again.
DEFERS: dict[int, float] = {
    -32: 60.0,  # calls in a minute
    -144: 3600.0,  # the account's messages of the day are used up: others take its place
}
NIGHT = -133  # this template may not be sent from 22:00 to 06:00

# /message/status
NOT_THERE, UNDER_WAY, DELIVERED = -1, 0, 1
