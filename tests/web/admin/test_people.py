"""The pages of accounts, of one's own account, and of the audit log."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pyotp
import pytest
from markupsafe import escape

from notifier.services import audit
from notifier.services.wiring import Wiring
from tests.web.admin.conftest import Visitor, fields_of

USERS, ACCOUNT, AUDIT = "/admin/users", "/admin/account", "/admin/audit"
NEW = {"name": "Trần Thị B", "email": "b@office.example", "role": "editor", "office": "lai-thieu"}
HOSTILE = "<script>alert(1)</script>"

Enter = Callable[..., Visitor]


def test_a_user_is_made_with_a_password_shown_once(enter: Enter, stranger: Visitor) -> None:
    administrator = enter("administrator")
    page = administrator.post(USERS, **NEW).get_data(as_text=True)
    password = re.search(r'<p class="secret"><code>(.+?)</code>', page)
    assert password
    assert password[1] not in administrator.text(USERS)
    assert "Chưa đặt mật khẩu" in administrator.text(USERS)
    form = {"form_of": "/admin/login", "email": NEW["email"], "password": password[1]}
    assert stranger.post("/admin/login", **form).location == "/admin/password"


def test_what_is_wrong_with_a_new_user_stands_beside_its_field(enter: Enter) -> None:
    administrator = enter("administrator")
    administrator.post(USERS, **NEW)
    for changed, said in (
        ({}, "đã có tài khoản"),
        ({"email": "x"}, "Xin ghi đủ địa chỉ thư điện tử"),
        ({"email": "hoa@lai-thieu"}, "Xin ghi đủ địa chỉ thư điện tử"),
        ({"name": " "}, "Xin điền chỗ này"),
        ({"email": "c@office.example", "office": "thuan-an"}, "trong phạm vi"),
        ({"email": "c@office.example", "office": "*"}, "trong phạm vi"),
        ({"email": "c@office.example", "role": "x"}, "Xin chọn vai trò"),
        ({"email": "c@office.example", "role": ""}, "Xin chọn vai trò"),
        ({"email": "c@office.example", "office": ""}, "Xin chọn đơn vị"),
    ):
        answer = administrator.post(USERS, **{**NEW, **changed})
        assert answer.status_code == 422
        assert said in answer.get_data(as_text=True)
        assert f'value="{changed.get("name", NEW["name"])}"'.replace(" ", "") in (
            answer.get_data(as_text=True).replace(" ", "")
        )


def test_neither_role_nor_office_is_chosen_for_anybody(enter: Enter) -> None:
    page = enter("administrator", None).text(USERS)
    assert page.count('<option value="">Xin chọn</option>') == 2
    assert " selected" not in page.partition('id="new"')[2]


def test_roles_are_given_and_taken_and_the_person_logs_in_anew(enter: Enter) -> None:
    administrator, editor = enter("administrator"), enter("editor")
    path = f"{USERS}/{editor.staff.staff.id}"
    kept = {"keep": "editor@lai-thieu", "role": "viewer", "office": "lai-thieu"}
    seen = fields_of(administrator.text(path))["seen"]
    changed = administrator.post(f"{path}/roles", **kept, seen=seen)
    assert changed.location == f"{path}?done=roles"
    again = administrator.post(f"{path}/roles", **kept, seen=seen)  # from another window
    assert again.status_code == 422
    assert "Vai trò vừa được người khác đổi" in again.get_data(as_text=True)
    page = administrator.text(path)
    assert 'value="editor@lai-thieu"' in page
    assert 'value="viewer@lai-thieu"' in page
    assert editor.get("/admin/templates").status_code == 303
    half = administrator.post(f"{path}/roles", keep="editor@lai-thieu", role="viewer", office="")
    assert half.status_code == 422
    assert "Xin chọn đơn vị" in half.get_data(as_text=True)
    none = administrator.post(f"{path}/roles")
    assert none.status_code == 422
    assert "Xin điền" in none.get_data(as_text=True)


def test_an_account_is_disabled_enabled_and_given_a_password(enter: Enter) -> None:
    administrator, editor = enter("administrator"), enter("editor")
    path = f"{USERS}/{editor.staff.staff.id}"
    administrator.post(f"{path}/disable")
    assert "Đã khóa" in administrator.text(path)
    assert editor.get("/admin/templates").status_code == 303
    assert administrator.post(f"{path}/enable").location == f"{path}?done=enabled"
    given = administrator.post(f"{path}/reset-password").get_data(as_text=True)
    assert "Chỉ hiện một lần" in given


def test_nobody_changes_their_own_roles_or_who_reaches_further(enter: Enter) -> None:
    administrator, above = enter("administrator"), enter("administrator", None)
    own = f"{USERS}/{administrator.staff.staff.id}"
    assert "Đây là tài khoản của ông/bà" in administrator.text(own)
    refused = administrator.post(f"{own}/roles", keep="viewer@lai-thieu")
    assert refused.status_code == 422
    beyond = f"{USERS}/{above.staff.staff.id}"
    assert administrator.get(beyond).status_code == 404
    assert administrator.post(f"{beyond}/disable").status_code == 404


def test_a_second_factor_is_turned_on_by_its_first_code_and_off_by_the_password(
    enter: Enter, wiring: Any
) -> None:
    viewer = enter("viewer")
    before = viewer.client.get_cookie("baotin_session", path="/admin")
    assert viewer.post(f"{ACCOUNT}/second-factor/begin").location == ACCOUNT
    page = viewer.text(ACCOUNT)
    assert "<svg" in page
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found
    code = pyotp.TOTP(found[1].replace(" ", "")).at(wiring.clock.now())
    wrong = viewer.post(f"{ACCOUNT}/second-factor/confirm", code="000000")
    assert "Mã chưa đúng" in wrong.get_data(as_text=True)
    on = viewer.post(f"{ACCOUNT}/second-factor/confirm", code=code)
    assert on.location.endswith("factor_on")
    after = viewer.client.get_cookie("baotin_session", path="/admin")
    assert before and after and before.value != after.value
    assert "Đang bật" in viewer.text(ACCOUNT)
    off = f"{ACCOUNT}/second-factor/turn-off"
    assert viewer.post(off, password="x").status_code == 422
    assert viewer.post(off, password=viewer.staff.password).location.endswith("factor_off")


def test_the_log_tells_who_did_what_and_can_be_narrowed(enter: Enter) -> None:
    administrator = enter("administrator")
    administrator.post(USERS, **NEW)
    page = administrator.text(AUDIT)
    assert "tạo tài khoản" in page
    assert "b***@office.example" in page
    assert NEW["email"] not in page
    only = administrator.text(f"{AUDIT}?action=user.disabled")
    assert "Không có dòng nào khớp" in only


TOLD: list[tuple[str, str, dict[str, Any] | None, dict[str, Any] | None, list[str]]] = [
    ("template.approved", "lai-thieu/result_ready/counter/vi", {"status": "submitted"},
     {"number": 1200, "status": "approved"},
     ["bước: Chờ duyệt → Đã duyệt", "Đã có kết quả · Trực tiếp · Tiếng Việt", "phiên bản: 1.200",
      "/admin/templates/lai-thieu/result_ready/counter/vi"]),
    ("situation.switched", "lai-thieu/fee_due/post", {"sends": True}, {"sends": None},
     ["Cần nộp phí, lệ phí · Bưu chính", "gửi tin: có → như đơn vị cấp trên"]),
    ("registration.approved", "reg_1", {"status": "submitted"}, {"network": "viettel"},
     ["bước lúc đó: chờ nhà mạng duyệt", "mạng: viettel"]),
    ("message.corrected", "msg_1", {"phone": "+84912345678", "reason": "missing_value"},
     {"phone": "+84987654321", "filled_in": ["le_phi"]},
     ["số điện thoại: +84912***678 → +84987***321", "lý do lúc đó: thiếu giá trị",
      "đã điền: phí, lệ phí", "/admin/messages/msg_1"]),
    ("route.given", "lai-thieu", {"said_by": "default", "steps": [{"gateways": {"esms": 1}}]},
     {"said_by": "lai-thieu",
      "steps": [{"gateways": {"esms": 70, "twilio": 30}, "languages": ["vi"]}]},
     ["theo: mặc định → UBND P.Lái Thiêu", "các bước: 1. esms → 1. esms 70 twilio 30 (vi)"]),
    ("budget.given", "lai-thieu", {"daily_dong": None, "daily_segments": 5},
     {"daily_dong": 1500000, "daily_segments": 5}, ["tiền mỗi ngày: không đặt → 1.500.000"]),
    ("user.roles_changed", "usr_0", {"roles": []}, {"roles": ["editor@lai-thieu", "viewer@*"]},
     ["Người soạn, UBND P.Lái Thiêu, Người xem, mọi đơn vị"]),
    ("key.rotated", "key_1", None, {"until": "2026-11-25T17:30:00+00:00"},
     ["đến: 26/11/2026 00:30"]),
    ("office.changed", "lai-thieu", {"called": "x", "valid_from": "2025-07-01"},
     {"called": "x", "valid_from": "2025-08-01"},
     ["có hiệu lực từ: 01/07/2025 → 01/08/2025"]),
    ("user.created", "usr_0", None, {"name": "Đạt", "new_thing": "<b>"},
     ["(không ghi lại)", "new_thing: &lt;b&gt;"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("action", "thing", "before", "after", "said"), TOLD, ids=[one[0] for one in TOLD]
)
def test_the_log_is_told_in_words_that_an_official_knows(
    action: str,
    thing: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    said: list[str],
    enter: Enter,
    wiring: Wiring,
) -> None:
    with wiring.sessions.begin() as session:
        at = wiring.sessions.now(session)
        audit.record(
            session, ids=wiring.ids, at=at, actor=audit.COMMAND, action=action, object_id=thing,
            office="lai-thieu", before=before, after=after,
        )  # fmt: skip
    page = enter("administrator").text(f"{AUDIT}?object={quote(thing)}")
    for words in said:
        assert words.casefold() in page.casefold()
    assert "called" not in page.partition("<main")[2]


def test_no_name_becomes_markup(enter: Enter) -> None:
    administrator = enter("administrator", None)
    administrator.post(USERS, **{**NEW, "name": HOSTILE})
    pages = [
        administrator.text(USERS),
        administrator.text(f"{AUDIT}?object={HOSTILE}"),
        administrator.post(USERS, **{**NEW, "name": HOSTILE}).get_data(as_text=True),
    ]
    for page in pages:
        assert HOSTILE not in page
        assert str(escape(HOSTILE)) in page
