"""The pages of messages, cases and what needs a person."""

from collections.abc import Callable
from html import escape
from typing import Any

import pytest
from sqlalchemy import text

from notifier.services import pauses
from notifier.services.wiring import Wiring
from tests.web.admin.conftest import Visitor, fields_of

LIST = "/admin/messages"
ATTENTION = "/admin/attention"
PHONE, MASK = "0912345678", "+84912***678"
WORDS = "{don_vi}: ho so {ma_ho_so} da xong. Moi den {noi_nhan}. LH {so_dien_thoai}."
HOSTILE = "<script>alert(1)</script>"

Post = Callable[..., Any]


def made(post: Post, event: dict[str, Any], **changed: Any) -> str:
    """Posts the event with changes; the id of its message."""
    answer = post({**event, **changed}).get_json()["events"][0]
    found: str = answer["messages"][0]["id"]
    return found


def held(post: Post, event: dict[str, Any], **changed: Any) -> str:
    """A message that lacks its fee."""
    return made(post, event, type="fee_due", data={}, **changed)


SEARCHES: list[tuple[str, dict[str, str], bool]] = [
    ("case", {"case": "H29-1"}, True),
    ("case, in small letters", {"case": "h29-1"}, True),
    ("another case", {"case": "H29-2"}, False),
    ("a part of the case", {"case": "29-1"}, False),
    ("phone, as typed", {"phone": "+84 912 345 678"}, True),
    ("another phone", {"phone": "0912345679"}, False),
    ("state", {"state": "queued"}, True),
    ("another state", {"state": "sent"}, False),
    ("since long ago", {"since": "2020-01-01"}, True),
    ("until long ago", {"until": "2020-01-01"}, False),
    ("since, as people write it", {"since": "1/2/2020"}, True),
    ("until, as people write it", {"until": "31/01/2020"}, False),
    ("office", {"office": "lai-thieu"}, True),
    ("somebody else's office", {"office": "thuan-an"}, False),
]


@pytest.mark.parametrize(("name", "asked", "finds"), SEARCHES, ids=[one[0] for one in SEARCHES])
def test_messages_are_found_by(
    name: str,
    asked: dict[str, str],
    finds: bool,
    enter: Callable[..., Visitor],
    post: Post,
    event: dict[str, Any],
) -> None:
    made(post, event)
    viewer = enter("viewer")
    answer = viewer.post(LIST, **asked)
    if "phone" not in asked:
        assert answer.status_code == 303
        answer = viewer.get(answer.location)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert (MASK in page) == finds
    assert ("Không có tin nào khớp" in page) != finds


def test_a_phone_stays_out_of_addresses(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any]
) -> None:
    made(post, event)
    answer = enter("viewer").post(LIST, phone=PHONE)
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    links = answer.get_data(as_text=True).split('href="')[1:]
    assert all("12345678" not in link.split('"')[0] for link in links)


def test_what_cannot_be_looked_for_is_said_beside_its_field(
    enter: Callable[..., Visitor],
) -> None:
    viewer = enter("viewer")
    assert viewer.post(LIST, phone="abc").status_code == 422
    for asked, said in (
        ({"phone": "abc"}, "không phải số điện thoại"),
        ({"id": "msg_x"}, "Không có tin nào mang mã này"),
        ({"phone": PHONE, "since": "x"}, "Xin ghi ngày/tháng/năm, ví dụ 26/11/2026."),
        ({"phone": PHONE, "until": "31/02/2026"}, "Xin ghi ngày/tháng/năm, ví dụ 26/11/2026."),
        ({"phone": PHONE, "until": "31/12/9999"}, "Xin ghi ngày/tháng/năm, ví dụ 26/11/2026."),
        ({"phone": PHONE, "since": "01/01/0001"}, "Xin ghi ngày/tháng/năm, ví dụ 26/11/2026."),
    ):
        assert said in viewer.post(LIST, **asked).get_data(as_text=True)
    assert viewer.get(f"{LIST}?since=x").status_code == 422


def test_a_case_without_a_message_is_led_to(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any], wiring: Wiring
) -> None:
    made(post, event)
    with wiring.sessions.begin() as session:
        session.execute(text("DELETE FROM messages"))
    page = enter("viewer").text(f"{LIST}?case=h29-1")
    assert 'Không có tin. <a href="/admin/cases?office=lai-thieu&amp;code=H29-1">' in page
    assert "Xem diễn biến hồ sơ H29-1 (" in page
    part = enter("viewer").text(f"{LIST}?case=29-1")
    assert "Không có tin nào khớp. Xin ghi đủ mã như trên giấy hẹn." in part


def test_an_id_leads_to_its_message(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any]
) -> None:
    message_id = made(post, event)
    assert enter("viewer").post(LIST, id=message_id).location == f"{LIST}/{message_id}"


def test_a_message_shows_the_words_verbatim_and_the_phone_masked(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any]
) -> None:
    message_id = made(post, event)
    page = enter("viewer").text(f"{LIST}/{message_id}")
    assert "ho so H29-1 da co ket qua. Kinh moi mang giay hen den Quay 3 nhan." in page
    assert MASK in page
    assert "Chờ gửi" in page
    assert "Hiện số" not in page
    for verb in ("Gửi lại", "Hủy tin", "Đã báo cách khác"):
        assert f">{verb}</button>" not in page


def test_who_may_not_mend_a_message_is_told_whom_it_waits_for(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any], wiring: Wiring
) -> None:
    waits = "Tin này chờ người trực hoặc quản trị xử lý."
    lacking, going = held(post, event, id="a"), made(post, event, id="b")
    viewer = enter("viewer")
    page = viewer.text(f"{LIST}/{lacking}")
    assert waits in page
    assert "Không cần làm gì" not in page
    assert waits not in enter("operator").text(f"{LIST}/{lacking}")
    page = viewer.text(f"{LIST}/{going}")
    assert waits not in page
    assert "Không cần làm gì" in page


WORDS_OVER_WORDS = [
    ("queued", "Lời sẽ gửi"),
    ("held", "Lời sẽ gửi"),
    ("delivered", "Lời đã gửi, nguyên văn"),
    ("unknown", "Lời đã gửi, nguyên văn"),
    ("expired", "Lời của tin"),
    ("cancelled", "Lời của tin"),
]


def test_the_words_are_headed_by_whether_they_were_sent(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any], wiring: Wiring
) -> None:
    message_id, viewer = made(post, event), enter("viewer")
    for state, heading in WORDS_OVER_WORDS:
        with wiring.sessions.begin() as session:
            session.execute(text("UPDATE messages SET state = :state"), {"state": state})
        page = viewer.text(f"{LIST}/{message_id}")
        assert f"<h2>{heading}</h2>" in page, state


def test_a_phone_is_shown_once_and_the_log_says_to_whom(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any], app: Any
) -> None:
    message_id = made(post, event)
    operator = enter("operator")
    shown = operator.post(f"{LIST}/{message_id}/reveal")
    assert "<strong>+84912345678</strong>" in shown.get_data(as_text=True)
    assert "+84912345678" not in operator.text(f"{LIST}/{message_id}")
    headers = enter("administrator", None).staff.headers
    log = app.test_client().get("/v1/audit?action=phone.revealed", headers=headers).get_json()
    assert [one["object"] for one in log["entries"]] == [message_id]


def test_a_missing_value_is_filled_in_and_the_message_goes(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any]
) -> None:
    message_id = held(post, event)
    operator = enter("operator")
    page = operator.text(f"{LIST}/{message_id}")
    assert 'name="value_le_phi"' in page
    path = f"{LIST}/{message_id}/correct"
    wrong = operator.post(path, value_le_phi="nhiều")
    assert wrong.status_code == 422
    refused = wrong.get_data(as_text=True)
    assert 'value="nhiều"' in refused
    assert 'id="value_le_phi-problem">Xin ghi số tiền, ví dụ 15.000.</p>' in refused
    assert '<span class="reason">thiếu giá trị: phí, lệ phí</span>' in refused
    assert operator.post(path, value_le_phi="15.000đ").location.endswith("done=corrected")
    assert "le phi 15.000d" in operator.text(f"{LIST}/{message_id}")


def test_a_day_that_the_case_lacks_is_filled_in(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any]
) -> None:
    message_id = made(post, event, type="overdue", data={})
    operator = enter("operator")
    path = f"{LIST}/{message_id}/correct"
    wrong = operator.post(path, value_ngay_hen="25/13/2026").get_data(as_text=True)
    assert 'id="value_ngay_hen-problem">Xin ghi ngày/tháng/năm' in wrong
    operator.post(path, value_ngay_hen="25/11/2026")
    assert "hen ngay 25/11/2026" in operator.text(f"{LIST}/{message_id}")


def test_a_broken_phone_is_corrected(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any]
) -> None:
    message_id = made(post, event, recipient={"phone": "02743755555"})
    operator = enter("operator")
    path = f"{LIST}/{message_id}/correct"
    assert "không phải số di động" in operator.post(path, phone="1").get_data(as_text=True)
    assert operator.post(path, phone=PHONE).status_code == 303
    assert MASK in operator.text(f"{LIST}/{message_id}")


def test_what_was_held_for_want_of_words_is_let_go_once_there_are_some(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any], wiring: Wiring
) -> None:
    with wiring.sessions.begin() as session:
        session.execute(text("UPDATE template_versions SET status = 'retired'"))
        session.execute(text("UPDATE revisions SET value = value + 1"))
    message_id = made(post, event)
    operator = enter("operator")
    path = f"{LIST}/{message_id}/release"
    assert "Chưa gửi được: chưa có lời" in operator.post(path).get_data(as_text=True)
    with wiring.sessions.begin() as session:
        session.execute(text("UPDATE template_versions SET status = 'published'"))
        session.execute(text("UPDATE revisions SET value = value + 1"))
    assert operator.post(path).location.endswith("done=released")


def test_a_citizen_who_was_told_otherwise_needs_nobody_any_more(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any]
) -> None:
    message_id = held(post, event)
    operator = enter("operator")
    assert message_id in operator.text(ATTENTION)
    assert operator.post(f"{LIST}/{message_id}/told").location.endswith("done=told")
    page = operator.text(f"{LIST}/{message_id}")
    assert "Đã báo người dân cách khác" in page
    assert "Đã hủy" in page
    assert "Không có gì phải xử lý" in operator.text(ATTENTION)
    assert operator.post(f"{LIST}/{message_id}/told").status_code == 409


def test_a_case_shows_its_events_and_messages_in_one_line_of_time(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any]
) -> None:
    made(post, event, type="fee_due", data={"le_phi": 15000}, id="a")
    made(post, event, id="b")
    page = enter("viewer").text("/admin/cases?office=lai-thieu&code=H29-1")
    places = [page.index(one) for one in ("cần nộp phí", "15.000d", "đã có kết quả", "Quay 3")]
    assert places == sorted(places)
    assert "Phần mềm “demo” báo: đã có kết quả (Trực tiếp)</strong>; Báo Tin đã ghi nhận" in page
    assert f'<a href="{LIST}" aria-current="page">' in page
    for code in ("H29-2", "", "<b>"):
        answer = enter("viewer").get(f"/admin/cases?office=lai-thieu&code={code}")
        assert answer.status_code == 404


def test_what_needs_a_person_is_grouped_by_why(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any]
) -> None:
    lacking = held(post, event, id="a")
    broken = made(post, event, id="b", recipient={"phone": "1"})
    viewer = enter("viewer")
    page = viewer.text(ATTENTION)
    assert lacking in page
    assert broken in page
    only = viewer.text(f"{ATTENTION}?reason=phone")
    assert broken in only
    assert lacking not in only
    assert 'type="checkbox"' not in only  # a viewer decides nothing
    assert lacking not in enter("viewer", "thuan-an").text(f"{ATTENTION}?reason=phone")


def test_every_list_names_the_values_that_are_missing(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any]
) -> None:
    message_id, operator = held(post, event), enter("operator")
    case = "/admin/cases?office=lai-thieu&code=H29-1"
    said = {"vi": "thiếu giá trị: phí, lệ phí", "en": "a value is missing: fee"}
    for language, words in said.items():
        for page in (ATTENTION, f"{LIST}?case=H29-1", f"{LIST}/{message_id}", case):
            assert words in operator.text(f"{page}{'&' if '?' in page else '?'}lang={language}")
        bulk = operator.post(
            f"{ATTENTION}/bulk", form_of=ATTENTION, what="release", message=message_id
        )
        assert words in bulk.get_data(as_text=True)


def test_words_wait_for_whoever_may_approve_them_and_for_whom_they_came_back_to(
    enter: Callable[..., Visitor],
) -> None:
    words = "/admin/templates/lai-thieu/result_ready/counter/vi"
    editor, approver = enter("editor"), enter("approver")
    form = {"form_of": words, "text": WORDS, "reason": "a", "after": "0"}
    editor.post(f"{words}/save", **form, then="submit")
    page = approver.text(ATTENTION)
    assert "Có 1 lời chờ ông/bà duyệt" in page
    assert f'href="{words}">Xem và duyệt<' in page
    assert 'Cần xử lý <span class="badge pending">1</span>' in approver.text(LIST)
    above = words.replace("lai-thieu", "thuan-an")
    enter("editor", "thuan-an").post(f"{above}/save", **{**form, "form_of": above}, then="submit")
    assert "Có 1 lời chờ ông/bà duyệt" in approver.text(ATTENTION)
    assert "Có 2 lời chờ ông/bà duyệt" in enter("approver", None).text(ATTENTION)
    for nobody in (editor, enter("operator")):
        assert "Không có gì phải xử lý" in nobody.text(ATTENTION)
    approver.post(f"{words}/versions/1/approve")
    page = approver.text(ATTENTION)
    assert "Có 1 lời đã duyệt, chưa áp dụng" in page
    assert f'href="{words}">Xem và áp dụng<' in page
    assert 'Cần xử lý <span class="badge pending">1</span>' in approver.text(LIST)
    assert 'Chưa áp dụng <span class="number">1</span>' in approver.text("/admin/templates")
    assert "Không có gì phải xử lý" in editor.text(ATTENTION)  # which is not theirs to do
    approver.post(f"{words}/versions/1/send-back", remark="ngắn hơn")
    assert "Không có gì phải xử lý" in approver.text(ATTENTION)
    page = editor.text(ATTENTION)
    assert "Có 1 lời bị trả lại cho ông/bà" in page
    assert f'href="{words}"' in page
    editor.post(f"{words}/save", **{**form, "after": "1"})
    assert "Không có gì phải xử lý" in editor.text(ATTENTION)


def test_several_are_handled_at_once_after_a_look_at_what_will_happen(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any]
) -> None:
    ids = [held(post, event, id=f"e{n}") for n in range(3)]
    operator = enter("operator")
    assert operator.post(f"{ATTENTION}/bulk", what="told").location.endswith("done=none")
    page = operator.client.get(ATTENTION).get_data(as_text=True)
    token = page.split('name="form" value="')[1].split('"')[0]
    form = {"form": token, "what": "cancel", "message": [*ids, "msg_unknown"]}
    preview = operator.client.post(f"{ATTENTION}/bulk", data=form).get_data(as_text=True)
    assert "Sẽ làm với 3 tin" in preview
    assert all(one in operator.text(ATTENTION) for one in ids)  # nothing happened yet
    resend = operator.client.post(f"{ATTENTION}/bulk", data={**form, "what": "resend"})
    assert "Không làm được với 3 tin" in resend.get_data(as_text=True)
    done = operator.client.post(f"{ATTENTION}/bulk", data=fields_of(preview))
    assert "Đã làm với 3 tin" in done.get_data(as_text=True)
    assert "Không có gì phải xử lý" in operator.text(ATTENTION)


def test_what_did_not_arrive_is_sent_to_the_phone_that_is_right(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any], wiring: Wiring
) -> None:
    operator, message = enter("operator"), made(post, event)
    with wiring.sessions.begin() as session:
        session.execute(text("UPDATE messages SET state = 'undelivered'"))
    page = operator.text(f"{ATTENTION}?reason=undelivered")
    assert 'aria-current="true"><span class="sentence">không đến máy' in page
    assert message in page
    path = f"{LIST}/{message}"
    assert "Gửi đến số khác" in operator.text(path)
    wrong = operator.post(f"{path}/resend", phone="02743755555")
    assert wrong.status_code == 422
    assert 'value="02743755555"' in wrong.get_data(as_text=True)
    again = operator.post(f"{path}/resend", phone="0987654321")
    assert "+84987***321" in operator.text(again.location)
    assert message not in operator.text(ATTENTION)


def test_what_was_resent_says_when_and_as_what_and_is_not_resent_again(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any], wiring: Wiring
) -> None:
    operator, message = enter("operator"), made(post, event)
    with wiring.sessions.begin() as session:
        session.execute(text("UPDATE messages SET state = 'failed'"))
    path = f"{LIST}/{message}"
    page = operator.text(ATTENTION)
    newer = operator.post(f"{path}/resend").location.split("?")[0]
    again = operator.post(f"{path}/resend")
    assert again.status_code == 409
    told = again.get_data(as_text=True)
    assert "Đã gửi lại lúc" in told
    assert f'href="{newer}"' in told
    assert f"{path}/resend" not in told
    token = page.split('name="form" value="')[1].split('"')[0]
    form = {"form": token, "what": "resend", "message": [message]}
    for sure in ({}, {"sure": "yes"}):
        bulk = operator.client.post(f"{ATTENTION}/bulk", data={**form, **sure})
        assert bulk.status_code == 200
        assert "Sẽ làm với 1 tin" not in bulk.get_data(as_text=True)
    with wiring.sessions.read() as session:
        assert session.scalar(text("SELECT count(*) FROM messages")) == 2


def test_a_gateway_out_of_use_is_told_and_taken_back(
    enter: Callable[..., Visitor], wiring: Wiring
) -> None:
    pauses.pause("simulator", by=None, wiring=wiring)
    assert "Cổng gửi tin (simulator) ngừng dùng" in enter("viewer").text(ATTENTION)
    operator = enter("operator", None)
    path = f"{ATTENTION}/gateways/simulator/resume"
    assert operator.post(path).location.endswith("done=resumed")
    assert "ngừng dùng" not in operator.text(ATTENTION)


def test_nothing_that_sources_send_becomes_markup(
    enter: Callable[..., Visitor], post: Post, event: dict[str, Any]
) -> None:
    case = {**event["case"], "code": HOSTILE}
    hostile = {"name": HOSTILE, "phone": PHONE}
    message_id = made(
        post, event, id=HOSTILE, case=case, recipient=hostile, data={"noi_nhan": "<b>x</b>"}
    )
    lacking = held(post, event, id="h", case=case)
    operator = enter("operator")
    pages = [
        operator.text(LIST),
        operator.text(f"{LIST}/{message_id}"),
        operator.text(f"{LIST}?case={HOSTILE}"),
        operator.text(f"/admin/cases?office=lai-thieu&code={HOSTILE}"),
        operator.text(ATTENTION),
        operator.post(f"{LIST}/{lacking}/correct", value_le_phi=HOSTILE).get_data(as_text=True),
        operator.post(LIST, phone=HOSTILE).get_data(as_text=True),
    ]
    for page in pages:
        assert HOSTILE not in page
        assert "<b>" not in page
        assert escape(HOSTILE) in page
