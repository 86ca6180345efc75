"""Twilio's error codes, one by one. Source: twilio.com/docs/api/errors, read 2026-11.

A code that is not here tells nothing certain: the outcome is unknown, and a look-up decides.
"""

from gateways.base import Fault

# Codes that refuse a message at its creation, and whose fault it is.
REJECTS: dict[int, Fault] = {
    21211: Fault.NUMBER,  # invalid 'To' phone number
    21214: Fault.NUMBER,  # 'To' number cannot be reached
    21217: Fault.NUMBER,  # phone number does not appear to be valid
    21265: Fault.NUMBER,  # 'To' number cannot be a short code
    21408: Fault.NUMBER,  # the account may not send to this region: one abroad stops no other
    21610: Fault.NUMBER,  # recipient unsubscribed (replied STOP)
    21614: Fault.NUMBER,  # 'To' number is not a mobile number
    21612: Fault.NUMBER,  # no route between this 'To' and 'From'
    21602: Fault.CONTENT,  # message body is required
    21605: Fault.CONTENT,  # maximum body length exceeded
    21617: Fault.CONTENT,  # concatenated body exceeds 1,600 characters
    21619: Fault.CONTENT,  # a text message body or media is required
    20003: Fault.ACCOUNT,  # authenticate: the credentials are wrong
    20005: Fault.ACCOUNT,  # account not active
    20006: Fault.ACCOUNT,  # access denied
    20008: Fault.ACCOUNT,  # resource not accessible with test credentials
    21212: Fault.ACCOUNT,  # invalid 'From' number
    21603: Fault.ACCOUNT,  # 'From' is required
    21606: Fault.ACCOUNT,  # 'From' cannot send to this destination type
    21608: Fault.ACCOUNT,  # trial account: 'To' not verified
    21659: Fault.ACCOUNT,  # 'From' is not a Twilio number or its country mismatches
    21660: Fault.ACCOUNT,  # 'From' belongs to another account
    21701: Fault.ACCOUNT,  # messaging service does not exist
    21703: Fault.ACCOUNT,  # messaging service has no phone number
    21704: Fault.ACCOUNT,  # messaging service has no usable sender
    21705: Fault.ACCOUNT,  # messaging service sid is invalid
    30002: Fault.ACCOUNT,  # account suspended
}

# Codes that say "not now": surely not sent.
DEFERS: frozenset[int] = frozenset(
    {
        20429,  # too many requests
        21611,  # this 'From' number has reached its queue limit
        14107,  # message rate exceeded
        30001,  # queue overflow
    }
)
