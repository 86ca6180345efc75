"""What alerts are called, and what a person does about each."""

WORDS: dict[str, tuple[str, str]] = {
    "attention.alerts": ("Cảnh báo", "Alerts"),
    "attention.see_held": ("Xem các tin đang giữ", "See what is held"),
    "type.alert": ("cảnh báo cho trực ban", "alert to the duty phone"),
    "alert.gateway_paused": ("Cổng ngừng dùng", "Gateway paused"),
    "alert.gateway_failing": ("Cổng đang lỗi", "Gateway failing"),
    "alert.not_live": ("Tin giữ lại vì đơn vị chưa chạy thật", "Held: the office is not live"),
    "alert.phone_cap": ("Tin giữ lại vì quá số tin một giờ", "Held: too many to one phone"),
    "alert.source_cap": ("Tin giữ lại vì quá số tin một ngày", "Held: too many of one source"),
    "alert.callback_given_up": (
        "Không báo lại được phần mềm nguồn",
        "Callbacks to a source given up",
    ),
    "alert.budget": ("Tin giữ lại vì đơn vị hết hạn mức", "Held: the office's budget is spent"),
    "alert_do.gateway_paused": (
        "Nhà mạng báo lỗi tài khoản (hết tiền, sai mật khẩu…). Sửa với nhà mạng rồi bấm dùng lại "
        "cổng; tin đang chờ sẽ tự đi.",
        "The provider says that the account is at fault (no balance, wrong password…). Mend it "
        "with the provider, then use the gateway again; what waits goes out by itself.",
    ),
    "alert_do.gateway_failing": (
        "Cổng không trả lời hoặc trả lời sai. Hệ thống tự thử lại và tự đóng cảnh báo. Nếu kéo "
        "dài, hãy hỏi nhà mạng.",
        "The gateway does not answer, or answers wrongly. It is tried again by itself, which "
        "closes the alert. Where it lasts, ask the provider.",
    ),
    "alert_do.not_live": (
        "Cho đơn vị chạy thật, rồi cho đi hoặc hủy các tin đang giữ bên dưới.",
        "Let the office go live, then let go or cancel what is held below.",
    ),
    "alert_do.phone_cap": (
        "Một số máy nhận quá nhiều tin trong một giờ. Xem các tin bên dưới: cho đi nếu đúng, "
        "hủy nếu thừa.",
        "One phone would get too many messages in an hour. Look at them below: let go what is "
        "right, cancel what is too many.",
    ),
    "alert_do.source_cap": (
        "Phần mềm nguồn gửi nhiều tin hơn mức một ngày. Hỏi bên phần mềm; nếu đúng thì cho đi "
        "hoặc tăng mức.",
        "The source made more messages than its cap of a day. Ask its people; if all is right, "
        "let them go or raise the cap.",
    ),
    "alert_do.callback_given_up": (
        "Phần mềm nguồn không nhận báo lại suốt 24 giờ. Hỏi bên phần mềm, rồi đặt lại địa chỉ báo "
        "lại.",
        "The source took no callback for 24 hours. Ask its people, then set its address anew.",
    ),
    "alert_do.budget": (
        "Đơn vị đã dùng hết hạn mức. Tăng hạn mức, hoặc cho đi từng tin cần gửi ngay.",
        "The office spent its budget. Raise it, or let go what must be sent now.",
    ),
}
