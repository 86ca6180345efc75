"""The pages of templates: what they show, what they keep, and what they refuse."""

import re
from collections.abc import Callable
from html import escape
from typing import Any

import pytest
from sqlalchemy import text

from notifier.domain.events import Channel, EventType, Language
from notifier.domain.versions import TemplateKey
from notifier.services import drafting, publishing
from notifier.services.wiring import Wiring
from tests.web.admin.conftest import Visitor, fields_of

LIST = "/admin/templates"
ONE = f"{LIST}/lai-thieu/result_ready/counter/vi"
KEY = TemplateKey("lai-thieu", EventType.RESULT_READY, Channel.COUNTER, Language.VI)
WORDS = "{don_vi}: hồ sơ {ma_ho_so} đã xong. Mời đến {noi_nhan} nhận kết quả. LH {so_dien_thoai}."
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def save(visitor: Visitor, **form: str) -> Any:
    given = {"text": WORDS, "reason": "gọn hơn", "after": "0", **form}
    return visitor.post(f"{ONE}/save", form_of=ONE, **given)


def publish(enter: Callable[..., Visitor], words: str = WORDS, after: int = 0) -> None:
    editor, approver = enter("editor"), enter("approver")
    save(editor, text=words, then="submit", after=str(after))
    approve = f"{ONE}/versions/{after + 1}/approve"
    assert approver.post(approve, form_of=ONE, then="publish").status_code == 303


def test_the_list_tells_what_each_situation_sends_and_whose_words_it_is(
    enter: Callable[..., Visitor],
) -> None:
    publish(enter)
    page = enter("viewer").text(LIST)
    for words in ("Lời riêng", "Mẫu có sẵn", "Không gửi", "bộ mẫu có sẵn", "UBND P.Lái Thiêu"):
        assert words in page
    assert page.count('<li class="cell') == 48
    only = enter("viewer").text(f"{LIST}?show=own")
    assert only.count('<li class="cell') == 1
    assert "Không có tình huống nào như vậy" in enter("viewer").text(f"{LIST}?show=missing")


def test_a_situation_is_one_link_from_the_words_that_it_sends(
    enter: Callable[..., Visitor],
) -> None:
    editor = enter("editor")
    groups = editor.text(LIST).partition('class="groups"')[2].partition("</dl>")[0]
    to = re.findall(r'href="([^"]+)"', groups)
    assert len(to) == len(set(to)) == 16
    assert f"{LIST}/lai-thieu/received/online/vi" in to  # at the counter it sends nothing
    assert ONE in to
    assert 'class="groups"' not in editor.text(f"{LIST}?show=silent")
    page = editor.text(ONE)
    for channel in ("online", "post"):
        assert f'href="{LIST}/lai-thieu/result_ready/{channel}/vi"' in page


def test_who_approves_begins_at_the_words_that_wait_for_them(
    enter: Callable[..., Visitor],
) -> None:
    editor, approver = enter("editor"), enter("approver")
    assert approver.get("/admin/").location == LIST
    save(editor, then="submit")
    assert editor.get("/admin/").location == LIST
    assert approver.get("/admin/").location == ONE
    other = ONE.replace("counter", "online")
    given = {"text": WORDS.replace("{noi_nhan}", "nhà"), "reason": "gọn", "after": "0"}
    editor.post(f"{other}/save", form_of=other, **given)
    editor.post(f"{other}/versions/1/submit", form_of=other)
    assert approver.get("/admin/").location == "/admin/attention"


def test_beside_words_that_were_refused_no_earlier_draft_is_offered(
    enter: Callable[..., Visitor],
) -> None:
    editor = enter("editor")
    save(editor)
    assert "Gửi duyệt</button>" in editor.text(ONE)
    refused = save(editor, text=f"{WORDS} {{noi}}", then="submit", after="1")
    assert refused.status_code == 422
    assert "Gửi duyệt</button>" not in refused.get_data(as_text=True)


def test_words_of_more_sms_say_so_where_they_are_approved(enter: Callable[..., Visitor]) -> None:
    editor, approver = enter("editor"), enter("approver")
    save(editor, then="submit")
    assert "để còn 1 SMS" not in approver.text(ONE)
    longer = WORDS.replace("Mời", "Kính mời Ông/Bà vui lòng sắp xếp thời gian trong giờ hành chính")
    save(editor, text=longer, after="1")
    submit = f"{ONE}/versions/2/submit"
    asked = editor.post(submit, form_of=ONE)
    editor.post(submit, form_of=ONE, confirm=fields_of(asked.get_data(as_text=True))["confirm"])
    before, button, _ = approver.text(ONE).partition("Duyệt và áp dụng ngay")
    assert button
    assert "để còn 1 SMS" in before


def test_who_comes_second_is_led_back_to_the_words(enter: Callable[..., Visitor]) -> None:
    publish(enter)
    approver = enter("approver")
    late = approver.post(f"{ONE}/versions/1/approve", form_of=ONE, then="publish")
    assert late.status_code == 409
    assert f'href="{ONE}"' in late.get_data(as_text=True)


def test_a_placeholder_that_went_is_offered_again(enter: Callable[..., Visitor]) -> None:
    editor = enter("editor")
    asked = save(editor, text=WORDS.replace("{noi_nhan}", "quầy 3"), then="submit")
    page = asked.get_data(as_text=True)
    assert asked.status_code == 409
    assert "bấm nút “nơi nhận kết quả” ở dưới" in page
    assert "phần mềm nguồn" not in page.partition("Xác nhận và gửi duyệt")[0]


def test_the_list_tells_how_often_words_were_used_lately(
    enter: Callable[..., Visitor], post: Any, event: dict[str, Any]
) -> None:
    viewer = enter("viewer")
    assert "/ 30 ngày" not in viewer.text(LIST)
    post(event)
    assert "1 tin / 30 ngày" in viewer.text(LIST)


def test_an_office_of_somebody_elses_is_not_there(enter: Callable[..., Visitor]) -> None:
    viewer = enter("viewer")
    assert viewer.get(f"{LIST}?office=thuan-an").status_code == 404
    assert viewer.get(f"{LIST}/thuan-an/result_ready/counter/vi").status_code == 404
    above = enter("viewer", "thuan-an").text(f"{LIST}?office=thuan-an")
    assert above.index('value="thuan-an"') < above.index('value="lai-thieu"')


def test_words_go_from_draft_to_published_by_two_people(
    enter: Callable[..., Visitor], post: Any, event: dict[str, Any]
) -> None:
    editor, approver = enter("editor"), enter("approver")
    assert save(editor).location == f"{ONE}?done=saved"
    assert "Bản nháp" in editor.text(ONE)
    submitted = editor.post(f"{ONE}/versions/1/submit", form_of=ONE)
    assert submitted.location == f"{ONE}?done=submitted"
    assert "Chờ người khác duyệt" in editor.text(ONE)
    page = approver.text(ONE)
    assert "Duyệt và áp dụng ngay" in page
    assert "<ins>" in page
    assert "<del>" in page
    answer = approver.post(f"{ONE}/versions/1/approve", form_of=ONE, then="publish")
    assert answer.location == f"{ONE}?done=published"
    made = post(event).get_json()["events"][0]["messages"][0]
    assert made["state"] == "queued"
    assert "Đang áp dụng" in approver.text(ONE)


def test_nobody_is_offered_or_allowed_to_approve_their_own_words(
    enter: Callable[..., Visitor],
) -> None:
    both = enter("administrator")
    save(both, then="submit")
    page = both.text(ONE)
    assert "người khác phải duyệt" in page
    assert "Duyệt và áp dụng ngay" not in page
    refused = both.post(f"{ONE}/versions/1/approve", form_of=ONE)
    assert refused.status_code == 403
    assert "Người soạn không tự duyệt" in refused.get_data(as_text=True)


def test_words_that_are_not_right_stay_in_the_editor_with_what_is_wrong(
    enter: Callable[..., Visitor],
) -> None:
    editor = enter("editor")
    answer = save(editor, text="{don_vi} {xx}", reason="vì vậy")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "{don_vi} {xx}</textarea>" in page
    assert 'value="vì vậy"' in page
    assert 'aria-describedby="text-problem"' in page
    assert "Xin điền chỗ này" in save(editor, reason=" ").get_data(as_text=True)
    link = save(editor, text="{don_vi} {ma_ho_so} xem http://a.vn", then="submit")
    assert link.status_code == 422
    told = link.get_data(as_text=True)
    assert "Đơn vị không cho phép đường dẫn http://a.vn" in told
    first = told.partition("<main")[2].partition('<nav class="choices"')[0]
    assert "Chưa gửi được:" in first
    assert '<a href="#text">Đơn vị không cho phép' in first


def test_a_refused_text_displaces_nothing_and_what_is_approved_can_be_published(
    enter: Callable[..., Visitor],
) -> None:
    editor, approver = enter("editor"), enter("approver")
    save(editor, then="submit")
    approver.post(f"{ONE}/versions/1/approve", form_of=ONE)
    refused = save(editor, text=f"{WORDS} 😀", then="submit", after="1")
    assert refused.status_code == 422
    page = refused.get_data(as_text=True)
    assert f"{WORDS} 😀</textarea>" in page
    assert 'name="after" value="1"' in page
    assert "Phiên bản 2" not in page
    save(editor, text=f"{WORDS} Hỏi.", after="1")
    page = approver.text(ONE)
    assert "Phiên bản 2" in page
    assert "Áp dụng ngay" in page
    assert approver.post(f"{ONE}/versions/1/publish", form_of=ONE).location.endswith("published")


def test_a_submission_over_one_that_waits_says_so_first(enter: Callable[..., Visitor]) -> None:
    editor, approver = enter("editor"), enter("approver")
    save(editor, then="submit")
    asked = save(editor, text=f"{WORDS} Hỏi.", then="submit", after="1")
    assert asked.status_code == 409
    assert "đang chờ duyệt. Gửi lời mới thì" in asked.get_data(as_text=True)
    waits = approver.text(ONE)
    assert "Lời của phiên bản 1" in waits
    assert f'action="{ONE}/versions/1/approve"' in waits
    said = editor.post(f"{ONE}/versions/2/submit", form_of=ONE, confirm="replaces_waiting")
    assert said.location == f"{ONE}?done=submitted"
    page = editor.text(ONE)
    assert f'action="{ONE}/versions/1/approve"' not in page
    assert "Không dùng" in page


def test_three_sms_want_a_yes(enter: Callable[..., Visitor]) -> None:
    editor = enter("editor")
    long = f"{WORDS} {'Xin mang theo giấy hẹn. ' * 12}"
    asked = save(editor, text=long, then="submit")
    assert asked.status_code == 409
    assert "mỗi tin là 3 SMS (1.500\xa0đ)" in asked.get_data(as_text=True)
    assert 'name="confirm" value="many_segments"' in asked.get_data(as_text=True)
    told = editor.post(f"{ONE}/versions/1/submit", form_of=ONE, confirm="many_segments")
    assert told.location == f"{ONE}?done=submitted"


def test_a_text_that_is_too_long_is_told_so_and_not_cut(enter: Callable[..., Visitor]) -> None:
    words = f"{WORDS} {'dài ' * 300}".strip()
    page = save(enter("editor"), text=words).get_data(as_text=True)
    assert f"Lời dài {len(words)} ký tự, quá mức 1000" in page
    assert f"{words}</textarea>" in page


def test_versions_are_called_by_what_became_of_them(enter: Callable[..., Visitor]) -> None:
    editor, approver = enter("editor"), enter("approver")
    assert "Mẫu có sẵn</strong>" in editor.text(ONE)
    save(editor)
    save(editor, text=f"{WORDS} Hỏi.", after="1", then="submit")
    approver.post(f"{ONE}/versions/2/send-back", form_of=ONE, remark="ngắn hơn")
    page = editor.text(ONE)
    assert "Bản nháp bỏ" in page
    assert "Bị trả lại" in page
    assert "Chỉ người duyệt dùng lại được lời cũ" in page
    assert "Chỉ người duyệt" not in approver.text(ONE)


def test_the_other_language_keeps_what_is_being_written(enter: Callable[..., Visitor]) -> None:
    editor = enter("editor")
    assert f'formaction="{ONE}/try?lang=en"' in editor.text(ONE)
    form = {"form_of": ONE, "text": f"{WORDS} Hỏi.", "reason": "gọn", "after": "0"}
    page = editor.post(f"{ONE}/try?lang=en", **form).get_data(as_text=True)
    assert '<html lang="en">' in page
    assert f"{WORDS} Hỏi.</textarea>" in page
    assert '<html lang="en">' in editor.text(ONE)


def test_two_who_write_at_once_see_both_texts_and_lose_none(
    enter: Callable[..., Visitor],
) -> None:
    first, second = enter("editor"), enter("editor")
    save(first)
    mine = WORDS.replace("Mời", "Kính mời")
    answer = save(second, text=mine)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "vừa được sửa ở nơi khác" in page
    assert "The editor đã lưu phiên bản 1 khi" in page
    assert f">{WORDS}</p>" in page
    assert f"{mine}</textarea>" in page
    assert 'name="after" value="1"' in page  # saving again is meant so
    assert save(second, text=mine, after="1").status_code == 303
    again = save(second, text=mine, after="1").get_data(as_text=True)
    assert "Chính ông/bà đã lưu phiên bản 2" in again


def test_other_placeholders_are_confirmed_with_the_sources_that_must_fill_them(
    enter: Callable[..., Visitor], post: Any, event: dict[str, Any]
) -> None:
    post(event)
    editor = enter("editor")
    answer = save(editor, text=f"{WORDS} Phí {{le_phi}}.", then="submit")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Thêm phí, lệ phí" in page
    assert "0 trong 1 hồ sơ gần nhất" in page
    confirmed = editor.post(f"{ONE}/versions/1/submit", form_of=ONE, confirm="placeholder_added")
    assert confirmed.location == f"{ONE}?done=submitted"


def test_a_version_is_sent_back_with_a_remark_and_comes_again(
    enter: Callable[..., Visitor],
) -> None:
    editor, approver = enter("editor"), enter("approver")
    save(editor, then="submit")
    back = f"{ONE}/versions/1/send-back"
    assert approver.post(back, form_of=ONE, remark="").location == f"{ONE}?done=remark"
    assert approver.post(back, form_of=ONE, remark="thêm giờ").location.endswith("sent_back")
    assert "Góp ý: thêm giờ" in editor.text(ONE)


def test_a_version_says_where_it_stands_with_providers(
    enter: Callable[..., Visitor], wiring: Wiring
) -> None:
    editor = enter("editor")
    save(editor)
    with wiring.sessions.begin() as session:
        session.execute(
            text(
                "INSERT INTO registrations (id, version_id, gateway, network, office, status,"
                " provider_id, parameters, status_at) SELECT 'reg_1', id, 'esms', 'viettel', '',"
                " 'rejected', '', '[]', created_at FROM template_versions WHERE number = 1"
                " ORDER BY id DESC LIMIT 1"
            )
        )
    for page in (ONE, f"{ONE}/versions/1"):
        assert "esms viettel: nhà mạng từ chối" in editor.text(page)


def test_what_was_published_before_comes_back_as_a_new_version(
    enter: Callable[..., Visitor],
) -> None:
    publish(enter)
    publish(enter, WORDS.replace("Mời", "Kính mời"), after=1)
    approver = enter("approver")
    newest = approver.text(f"{ONE}/versions/2")  # laid beside what came before it
    assert "Phiên bản 1</h2>" in newest
    assert "<ins>Kính mời</ins>" in newest
    page = approver.text(f"{ONE}/versions/1")
    assert "Dùng lại lời này" in page
    assert "<ins>" in page or "<del>" in page
    path = f"{ONE}/versions/1/roll-back"
    assert "done=reason" in approver.post(path, form_of=ONE, reason="").location
    assert approver.post(path, form_of=ONE, reason="nhầm").location.endswith("rolled_back")
    assert "lấy lại lời của phiên bản 1" in approver.text(ONE)
    assert "Bỏ lời riêng, dùng mẫu có sẵn" in approver.text(ONE)
    assert approver.post(f"{ONE}/inherit", form_of=ONE).location.endswith("reason")
    answer = approver.post(f"{ONE}/inherit", form_of=ONE, reason="nhầm")
    assert answer.location.endswith("inherited")
    assert "<p>Mẫu có sẵn.</p>" in approver.text(ONE)


def test_the_way_back_to_other_placeholders_wants_a_yes_and_keeps_the_reason(
    enter: Callable[..., Visitor], post: Any, event: dict[str, Any]
) -> None:
    publish(enter)
    post(event)
    fewer = WORDS.replace(" Mời đến {noi_nhan} nhận kết quả.", "")
    editor, approver = enter("editor"), enter("approver")
    save(editor, text=fewer, after="1")
    editor.post(f"{ONE}/versions/2/submit", form_of=ONE, confirm="placeholder_removed")
    approver.post(f"{ONE}/versions/2/approve", form_of=ONE, then="publish")
    for path, question, done in (
        (f"{ONE}/versions/1/roll-back", "placeholder_added", "rolled_back"),
        (f"{ONE}/inherit", "", "inherited"),
    ):
        answer = approver.post(path, form_of=ONE, reason="gọn <hơn>")
        if question:
            page = answer.get_data(as_text=True)
            assert answer.status_code == 409
            assert "Thêm nơi nhận kết quả" in page
            assert 'name="reason" value="gọn &lt;hơn&gt;"' in page
            assert f'name="confirm" value="{question}"' in page
            answer = approver.post(path, form_of=ONE, reason="gọn <hơn>", confirm=question)
        assert answer.location.endswith(done)


def test_a_situation_is_switched_off_and_on_and_back_to_what_others_say(
    enter: Callable[..., Visitor],
) -> None:
    approver = enter("approver")
    assert approver.post(f"{ONE}/switch", form_of=ONE, sends="no").location.endswith("reason")
    assert "<strong>Có gửi tin." in approver.text(ONE)
    for sends, said in (("no", "Không gửi tin."), ("yes", "Có gửi tin."), ("inherit", "Có gửi")):
        answer = approver.post(f"{ONE}/switch", form_of=ONE, sends=sends, reason="nghỉ lễ")
        assert answer.location.endswith("done=silent" if sends == "no" else "done=sends")
        assert f"<strong>{said}" in approver.text(ONE)


def test_a_situation_without_words_is_switched_on_by_two_clicks(
    enter: Callable[..., Visitor],
) -> None:
    approver, one = enter("approver"), ONE.replace("result_ready", "in_progress")
    form = {"form_of": one, "sends": "yes", "reason": "thử"}
    asked = approver.post(f"{one}/switch", **form)
    page = asked.get_data(as_text=True)
    assert asked.status_code == 409
    assert "Tình huống này chưa có lời" in page
    again = fields_of(page)
    assert (again["sends"], again["reason"], again["confirm"]) == (["yes"], ["thử"], ["no_words"])
    assert approver.client.post(f"{one}/switch", data=again).location.endswith("done=sends")


def test_a_silent_cell_says_so_and_nothing_else(enter: Callable[..., Visitor]) -> None:
    publish(enter)
    approver = enter("approver")
    approver.post(f"{ONE}/switch", form_of=ONE, sends="no", reason="nghỉ lễ")
    assert "Từ bây giờ KHÔNG gửi tin “đã có kết quả” (Trực tiếp)." in approver.text(
        f"{ONE}?done=silent"
    )
    empty = enter("editor").text(ONE.replace("result_ready", "in_progress"))
    for page in (approver.text(ONE), empty):
        assert "Đang tắt: KHÔNG gửi tin" in page
        for other in (
            "Lời đang gửi</h2>",
            "Đang áp dụng",
            "bị tạm giữ",
            "· 0 ký tự",
            "Thiếu {don_vi}",
        ):
            assert other not in page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (WORDS, "1 SMS khi tên, mã, nơi nhận dài nhất"),
        ("", "Viết lời nhắn để xem trước"),
        (f"{WORDS} {'x' * 39}", "dài nhất: 2 SMS. Bớt 5 ký tự để còn 1 SMS"),
        ("{don_vi} {ma_hoso}", "Không có chỗ trống {ma_hoso}. Xóa rồi bấm nút “mã hồ sơ”"),
        ("{don_vi} {zzz}", "Không có chỗ trống {zzz}. Xóa rồi bấm nút dưới ô"),
        ("x" * 1001, "Lời dài 1001 ký tự"),
        (f"{WORDS} {'dài ' * 12}", "Bớt"),
        (f"{WORDS} “nhé”…", "Thay 3 ký tự lạ"),
        (f"{WORDS} 😀", "để bớt 1 SMS"),
        (f"{WORDS} chờ", "dễ hiểu nhầm"),
        ("{don_vi} {ma_ho_so} http://a.vn", "không cho phép đường dẫn http://a.vn"),
        ("{don_vi} xong", "Thiếu {ma_ho_so}"),
        ("{don_vi} {ma_ho_so", "ở ký tự thứ 10"),
    ],
)
def test_the_preview_says_what_to_mind(
    words: str, said: str, enter: Callable[..., Visitor]
) -> None:
    page = enter("editor").post(f"{ONE}/preview", form_of=ONE, text=words)
    assert said in page.get_data(as_text=True)
    assert "<html" not in page.get_data(as_text=True)


def test_one_click_puts_plain_characters_in_place(enter: Callable[..., Visitor]) -> None:
    editor = enter("editor")
    page = editor.post(f"{ONE}/try", form_of=ONE, text=f"{WORDS} “a”…", reason="vì")
    assert f'value="{WORDS} &#34;a&#34;..."' in page.get_data(as_text=True)
    fixed = editor.post(f"{ONE}/try", form_of=ONE, text="x", fixed=WORDS, reason="vì")
    assert f"{WORDS}</textarea>" in fixed.get_data(as_text=True)
    assert 'value="vì"' in fixed.get_data(as_text=True)


def test_nothing_that_people_write_becomes_markup(
    enter: Callable[..., Visitor], wiring: Wiring
) -> None:
    with wiring.sessions.begin() as session:
        session.execute(text("UPDATE users SET name = :name"), {"name": HOSTILE})
        session.execute(text("UPDATE offices SET name = :name"), {"name": HOSTILE})
        session.execute(text("UPDATE revisions SET value = value + 1"))
    editor, approver = enter("editor"), enter("approver")
    for name in (editor.staff.staff.id, approver.staff.staff.id):
        with wiring.sessions.begin() as session:
            session.execute(
                text("UPDATE users SET name = :name WHERE id = :id"), {"name": HOSTILE, "id": name}
            )
    hostile = f"{{don_vi}} {{ma_ho_so}} {HOSTILE}"
    answers = [
        save(editor, text=hostile, reason=HOSTILE).location,
        editor.text(ONE),
        approver.text(f"{ONE}/versions/1"),
        approver.text(f"{LIST}?office=lai-thieu&show={HOSTILE}"),
        approver.text(f"{ONE}?done={HOSTILE}"),
        editor.post(f"{ONE}/preview", form_of=ONE, text=hostile).get_data(as_text=True),
        save(editor, text=hostile, after="0").get_data(as_text=True),
    ]
    for page in answers:
        assert "<script>alert" not in page
        assert "<img" not in re.sub('<img src="/admin/assets/icon', "", page)
    assert escape("<script>alert(1)</script>") in answers[1]


def test_the_language_of_the_words_has_its_own_page(enter: Callable[..., Visitor]) -> None:
    page = enter("editor").text(ONE.replace("/vi", "/en"))
    assert "Tiếng Anh" in page
    assert page.count('<figure class="phone') == 1
    assert "Đơn vị gửi bản chữ thường" in page


def test_a_key_and_a_draft_by_the_api_are_the_same_ones(
    enter: Callable[..., Visitor], wiring: Wiring
) -> None:
    editor, approver = enter("editor"), enter("approver")
    save(editor, then="submit")
    publishing.approve(approver.staff.staff, KEY, 1, wiring=wiring)
    assert "Áp dụng ngay" in approver.text(ONE)
    drafting.save(editor.staff.staff, KEY, WORDS, "lại", after=1, wiring=wiring)
    assert "Phiên bản 2" in editor.text(ONE)


def test_whoever_sees_several_offices_chooses_one_and_is_shown_it_again(
    enter: Callable[..., Visitor],
) -> None:
    above = enter("viewer", "thuan-an")
    page = above.text(LIST)
    assert "Xin chọn đơn vị" in page
    assert f'href="{LIST}?office=lai-thieu"' in page
    assert "<h1>Mẫu tin: UBND P.Lái Thiêu</h1>" in above.text(f"{LIST}?office=lai-thieu")
    assert "<h1>Mẫu tin: UBND P.Lái Thiêu</h1>" in above.text(LIST)
    assert above.get(f"{LIST}?office=nowhere").status_code == 404
    other = enter("viewer", "lai-thieu")
    other.client.set_cookie("baotin_office", "thuan-an", path="/admin")
    assert "<h1>Mẫu tin</h1>" in other.text(LIST)  # of one office, there is nothing to choose
