"""What people of an office do at their desks, about one citizen and their own phones."""

import re
from typing import Any
from urllib.parse import urlencode

import urllib3

from tests.up.canaries import (
    CALLBACK_PATH,
    DUTY_PHONE,
    NAME,
    OWN_PHONE,
    PHONE,
    PLACE,
    REMARK,
    TEST_NUMBER,
)
from tests.up.driving import Up
from tests.waiting import eventually

NO_BALANCE = "0900000007"
_PATIENT_S = 60  # a password is hashed for long, the longer the busier the machine


class Desk:
    """A browser on the staff pages, and a program that logs in over the API."""

    def __init__(self, up: Up, role: str) -> None:
        self._up = up
        self._who = up.told["staff"][role]
        self._cookies: dict[str, str] = {}
        self._session = ""

    def ask(self, method: str, path: str, **form: str) -> urllib3.BaseHTTPResponse:
        """One request of a page. What stands on it is for whoever is logged in."""
        reply = urllib3.request(
            method,
            f"{self._up.told['api']}{path}",
            body=urlencode(form) if method == "POST" else None,
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            },
            redirect=False,
            timeout=_PATIENT_S,
        )
        for set_ in reply.headers.getlist("Set-Cookie"):
            name, _, value = set_.partition(";")[0].partition("=")
            self._cookies[name] = value
        assert reply.status < 500, (path, reply.status)
        return reply

    def submit(self, page: str, to: str, **form: str) -> urllib3.BaseHTTPResponse:
        """A form of a page, with its token."""
        found = re.search(r'name="form" value="(\w+)"', self.ask("GET", page).data.decode())
        assert found, page
        return self.ask("POST", to, form=found[1], **form)

    def enter(self) -> None:
        for email, password in ((f"{PHONE}@example.vn", NAME), (self._who["email"], REMARK)):
            wrong = self.submit("/admin/login", "/admin/login", email=email, password=password)
            assert wrong.status == 401, wrong.data
        mine = {"email": self._who["email"], "password": self._who["password"]}
        assert self.submit("/admin/login", "/admin/login", **mine).status == 303
        opened = urllib3.request(
            "POST", f"{self._up.told['api']}/v1/session", json=mine, timeout=_PATIENT_S
        )
        self._session = opened.json()["token"]

    def call(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """One call of the API as this person."""
        headers = {"Authorization": f"Bearer {self._session}"}
        reply = self._up.ask(method, path, json=body, headers=headers)
        assert reply.status < 300, (path, reply.data)
        told: dict[str, Any] = reply.json()
        return told

    def look_for_people(self, message: str) -> None:
        """Search, see and mend: with the citizen's data in each form."""
        search, shown = "/admin/messages", f"/admin/messages/{message}"
        assert self.submit(search, search, phone=PHONE).status == 200
        assert self.submit(search, search, phone=f"{PHONE} ?").status == 422
        assert self.submit(search, search, case=NAME).status == 303
        self.ask("GET", f"{search}?{urlencode({'case': NAME, 'office': PHONE, 'since': REMARK})}")
        self.submit(shown, f"{shown}/reveal")
        assert self.submit(shown, f"{shown}/correct", phone=f"{PHONE}0").status == 422
        self.submit(shown, f"{shown}/correct", phone=PHONE, noi_nhan=PLACE)
        for page in ("cases", "attention", "audit", "offices", "users", "templates", "account"):
            self.ask("GET", f"/admin/{page}?{urlencode({'code': NAME, 'office': PHONE})}")

    def try_words(self) -> None:
        """One's own phone, its code, and words that go there."""
        self.submit("/admin/account", "/admin/account/phone", phone=f"{OWN_PHONE}0")
        self.call("PUT", "/v1/session/phone", phone=OWN_PHONE)
        codes: list[str] = []

        def came() -> bool:
            told = urllib3.request("GET", f"{self._up.told['simulator']}/sim/messages").json()
            texts = [one["text"] for one in told["messages"] if one["to"] == f"+84{OWN_PHONE[1:]}"]
            codes.extend(re.findall(r"\b\d{6}\b", " ".join(texts)))
            return bool(codes)

        eventually(came)
        self.call("POST", "/v1/session/phone/verify", code=codes[0])
        words = f"{REMARK} {{ma_ho_so}} {{don_vi}}"
        self.call(
            "POST",
            "/v1/templates/lai-thieu/result_ready/counter/vi/send-test",
            text=words,
        )

    def be_told(self) -> None:
        """A duty phone, a test number and a callback's address; then what raises an alert."""
        self.call("PUT", "/v1/offices/lai-thieu/duty-phone", phone=DUTY_PHONE)
        self.call("POST", "/v1/offices/lai-thieu/test-numbers", phone=TEST_NUMBER)
        self._up.ask(
            "PUT",
            "/v1/sources/demo/callback",
            json={"url": f"http://127.0.0.1:9/{CALLBACK_PATH}"},
        )
        told = self._up.post("no-balance", recipient={"phone": NO_BALANCE})
        eventually(self._all_are_paused)
        assert self._up.ask("POST", f"/v1/messages/{told['messages'][0]['id']}/cancel").status < 300
        log = self._up.folder / "logs" / "worker.log"
        self._resume("twilio")
        eventually(lambda: '"callback_failed"' in log.read_text())
        eventually(lambda: f"+84{DUTY_PHONE[1:]}" in str(self._up.ledger("Xem trang")))
        self._resume("simulator")

    def _all_are_paused(self) -> bool:
        gateways = self._up.ask("GET", "/v1/gateways").json()["gateways"]
        return all(gateway["paused"] for gateway in gateways)

    def _resume(self, gateway: str) -> None:
        assert self._up.ask("POST", f"/v1/gateways/{gateway}/resume").status < 300
