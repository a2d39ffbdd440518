"""Stands in for /usr/sbin/sendmail: reads a message on standard input and submits it to a loopback SMTP port.

Usage: sendmail.py --port PORT [-t] [-i] [-f SENDER] [RECIPIENT …], which is what PHP's `sendmail_path` and most programs need.
With -t the recipients are taken from To, Cc and Bcc; Bcc is removed, as sendmail does.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import email.utils
import re
import smtplib
import sys


def main() -> int:
    """Submit the message and return 0, or sendmail's EX_USAGE (64) when there is nobody to send it to."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("-t", dest="from_headers", action="store_true")
    parser.add_argument("-i", action="store_true")
    parser.add_argument("-f", dest="sender", default="www-data@localhost")
    parser.add_argument("recipients", nargs="*")
    options = parser.parse_args()
    raw = re.sub(rb"\r\n|\r|\n", b"\r\n", sys.stdin.buffer.read())
    recipients = list(options.recipients)
    if options.from_headers:
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        fields = [str(value) for name in ("To", "Cc", "Bcc") for value in message.get_all(name, [])]
        found = [address for _, address in email.utils.getaddresses(fields) if address]
        recipients = list(dict.fromkeys(recipients + found))
        head, blank, body = raw.partition(b"\r\n\r\n")
        raw = re.sub(rb"(?im)^bcc:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*(?:\r\n|\Z)", b"", head + b"\r\n") + blank[2:] + body
    if not recipients:
        print("sendmail: no recipient", file=sys.stderr)
        return 64
    with smtplib.SMTP("127.0.0.1", options.port, local_hostname="localhost", timeout=20) as smtp:
        smtp.sendmail(options.sender, recipients, raw)
    return 0


if __name__ == "__main__":
    sys.exit(main())
