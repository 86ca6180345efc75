"""The pages of offices: live or not, test numbers, links, and what is only shown."""

from collections.abc import Callable

from notifier.domain.budgets import Budget
from notifier.services import budgets, routes
from notifier.services.routes import NewRoute
from notifier.services.wiring import Wiring
from tests.web.admin.conftest import Visitor

LIST = "/admin/offices"
WARD = f"{LIST}/lai-thieu"
ONE = "/admin/templates/lai-thieu/result_ready/counter/vi"

Enter = Callable[..., Visitor]


def test_an_administrator_tries_on_a_phone_and_goes_live(enter: Enter) -> None:
    administrator = enter("administrator")
    assert "Đang gửi thật" in administrator.text(LIST)
    assert administrator.post(f"{WARD}/live", live="no").location == f"{WARD}?done=live"
    page = administrator.text(WARD)
    assert "Chỉ các số thử dưới đây nhận tin" in page
    assert "Bản chạy thử này không gửi" in page
    wrong = administrator.post(f"{WARD}/test-numbers", phone="02743755555")
    assert wrong.status_code == 422
    assert 'value="02743755555"' in wrong.get_data(as_text=True)
    assert "Đây không phải số di động" in wrong.get_data(as_text=True)
    administrator.post(f"{WARD}/test-numbers", phone="0912 345 678")
    page = administrator.text(WARD)
    assert "+84912***678" in page
    remove = page.partition(f'action="{WARD}/test-numbers/')[2].partition('"')[0]
    administrator.post(f"{WARD}/test-numbers/{remove}")
    assert "Chưa có số thử" in administrator.text(WARD)
    administrator.post(f"{WARD}/live", live="inherit")
    assert "Theo UBND P.Thuận An" in administrator.text(WARD)


def test_a_link_is_allowed_used_and_taken_back(enter: Enter) -> None:
    administrator, editor = enter("administrator"), enter("editor")
    words = "{don_vi}: {ma_ho_so} xem dichvucong.gov.vn"
    form = {"form_of": ONE, "text": words, "reason": "a", "after": "0"}
    refused = editor.post(f"{ONE}/save", **form)
    assert refused.status_code == 422
    assert "không cho phép đường dẫn dichvucong.gov.vn" in refused.get_data(as_text=True)
    assert f"{words}</textarea>" in refused.get_data(as_text=True)
    wrong = administrator.post(f"{WARD}/links", host="<b>")
    assert wrong.status_code == 422
    assert "Đây không phải tên trang" in wrong.get_data(as_text=True)
    assert 'value="&lt;b&gt;"' in wrong.get_data(as_text=True)
    administrator.post(f"{WARD}/links", host="https://dichvucong.gov.vn/")
    assert "<code>dichvucong.gov.vn</code>" in administrator.text(WARD)
    assert editor.post(f"{ONE}/save", **form).status_code == 303
    assert "Bỏ<span" not in editor.text(WARD)
    administrator.post(f"{WARD}/links/take-back", host="dichvucong.gov.vn")
    assert "an toàn nhất" in administrator.text(WARD)
    assert "link.allowed" in administrator.text("/admin/audit")


def test_the_way_and_the_budget_are_shown_with_whose_they_are(enter: Enter, wiring: Wiring) -> None:
    administrator = enter("administrator")
    assert "Lần lượt mọi cổng đang dùng" in administrator.text(WARD)
    routes.give(
        "thuan-an", NewRoute([{"gateways": {"simulator": 1}}], True), by=None, wiring=wiring
    )
    budgets.give("lai-thieu", Budget(daily_segments=1200), by=None, wiring=wiring)
    page = administrator.text(WARD)
    assert "Cổng rẻ nhất trước" in page
    assert "<td>1.200</td>" in page
