"""What the pages of offices say."""

WORDS: dict[str, tuple[str, str]] = {
    "nav.offices": ("Đơn vị", "Offices"),
    "offices": ("Đơn vị", "Offices"),
    "offices.lead": (
        "Đơn vị nào đã gửi tin cho người dân, và lời nhắn được dẫn đến đâu. Đơn vị thêm bằng lệnh.",
        "Which offices send to citizens, and where their words may lead. Offices are added by "
        "command.",
    ),
    "office.from": ("của {name}", "of {name}"),
    "add": ("Thêm", "Add"),
    "remove": ("Bỏ", "Remove"),
    "done.live": ("Đã đổi.", "Changed."),
    "done.number": ("Đã thêm số thử.", "The test number is added."),
    "done.no_number": ("Đã bỏ số thử.", "The test number is removed."),
    "done.link": ("Đã cho phép đường dẫn này.", "Links to it are allowed."),
    "done.no_link": ("Đã bỏ đường dẫn này.", "Links to it are allowed no more."),
    # Live.
    "live": ("Gửi cho người dân", "Sending to citizens"),
    "live.yes": ("Đang gửi thật", "Live"),
    "live.no": ("Chưa gửi thật", "Not live"),
    "live.is": ("Người dân nhận tin của đơn vị.", "Citizens get the office’s messages."),
    "live.is_not": (
        "Chỉ các số thử dưới đây nhận tin; tin đến số khác bị giữ.",
        "Only the test numbers below get messages; all others are held.",
    ),
    "live.said": ("Theo {name}, từ {at}.", "As {name} says, since {at}."),
    "live.held": ("{count} tin đang bị giữ vì vậy.", "{count} messages are held for this."),
    "live.see": ("Xem các tin này", "Show them"),
    "live.demo": (
        "Bản chạy thử này không gửi đến máy của người dân, nên mọi tin đều đi.",
        "This demo reaches no citizen’s phone, so every message goes.",
    ),
    "live.to_yes": ("Bắt đầu gửi cho người dân", "Send to citizens from now on"),
    "live.to_no": ("Ngừng gửi cho người dân", "Send to citizens no more"),
    "live.to_yes_lead": (
        "Từ sự kiện kế tiếp, người dân của đơn vị này và các đơn vị bên dưới nhận tin thật. Tin "
        "đang bị giữ không tự đi: cho gửi ở trang Cần xử lý.",
        "From the next event on, citizens of this office and of those below get real messages. "
        "What is held does not go by itself: let it go on the page Needs attention.",
    ),
    "live.to_no_lead": (
        "Từ nay chỉ các số thử nhận tin; tin đến số khác bị giữ để xử lý sau.",
        "From now on only the test numbers get messages; all others are held.",
    ),
    "numbers": ("Số thử", "Test numbers"),
    "numbers.lead": (
        "Các số này nhận tin của đơn vị, và của các đơn vị bên dưới, trước khi gửi thật.",
        "These get the messages of the office, and of those below it, before they are live.",
    ),
    "numbers.none": ("Chưa có số thử.", "There are no test numbers."),
    "numbers.new": ("Số di động dùng để thử", "A mobile number to try on"),
    # Links.
    "links": ("Đường dẫn được phép", "Links that are allowed"),
    "links.lead": (
        "Kẻ gian hay gửi đường dẫn giả, nên lời nhắn chỉ được dẫn đến các trang dưới đây; các đơn "
        "vị bên dưới cũng vậy. Đường dẫn khác không lưu được.",
        "Swindlers send links, so words may lead to these sites alone; those of the offices below "
        "too. Words with any other link are not kept.",
    ),
    "links.none": (
        "Không cho phép đường dẫn nào: an toàn nhất.",
        "No link is allowed: the safest.",
    ),
    "links.used": ("dùng trong {count} mẫu đang áp dụng", "in {count} published templates"),
    "links.unused": ("chưa dùng", "not in use"),
    "links.new": ("Tên trang", "Host"),
    "links.hint": (
        "Như dichvucong.gov.vn. Bỏ trang đang dùng thì tin của mẫu đó bị giữ.",
        "Such as dichvucong.gov.vn. Removing one in use holds the messages of its templates.",
    ),
    "problem.no_host": (
        "Đây không phải tên trang, như dichvucong.gov.vn.",
        "This is no host such as dichvucong.gov.vn.",
    ),
    # The way and the money.
    "route": ("Tuyến gửi", "Route"),
    "route.default": (
        "Lần lượt mọi cổng đang dùng, theo thứ tự cài đặt.",
        "All gateways in use, in the order of the settings.",
    ),
    "route.cheapest": ("Cổng rẻ nhất trước.", "The cheapest comes first."),
    "route.unknown.wait": (
        "Tin chưa rõ kết quả: chờ báo kết quả, rồi chờ người xử lý.",
        "An unknown message waits for a receipt, then for a person.",
    ),
    "route.unknown.other_gateway": (
        "Tin chưa rõ kết quả: gửi qua cổng khác, có thể trùng.",
        "An unknown message goes through another gateway; it may come twice.",
    ),
    "route.share": ("(phần {share})", "(share {share})"),
    "route.who": (
        "Tuyến gửi và hạn mức chi do người trực toàn hệ thống đặt.",
        "Routes and budgets are set by operators of all offices.",
    ),
    "budget": ("Hạn mức chi", "Budget"),
    "budget.lead": (
        "Tính cả các đơn vị bên dưới. Tin vượt mức bị giữ, kèm cảnh báo.",
        "Those below count too. What is beyond is held, with an alert.",
    ),
    "budget.of": ("Mức", "Limit of"),
    "budget.spent": ("Đã dùng", "Spent"),
    "budget.limit": ("Tối đa", "At most"),
    "budget.left": ("Còn lại", "Left"),
    "budget.daily_segments": ("SMS hôm nay", "SMS today"),
    "budget.monthly_segments": ("SMS tháng này", "SMS this month"),
    "budget.daily_dong": ("Tiền hôm nay", "Cost today"),
    "budget.monthly_dong": ("Tiền tháng này", "Cost this month"),
}
