"""What the pages of templates say."""

WORDS: dict[str, tuple[str, str]] = {
    # Situations, as the shipped set names them (a test compares).
    "type.submitted": ("đã nộp, chưa tiếp nhận", "submitted"),
    "type.received": ("đã tiếp nhận", "received"),
    "type.refused": ("không được tiếp nhận", "refused"),
    "type.in_progress": ("đang giải quyết", "in progress"),
    "type.supplement_required": ("cần bổ sung giấy tờ", "supplement required"),
    "type.fee_due": ("cần nộp phí, lệ phí", "fee due"),
    "type.payment_confirmed": ("đã nộp phí, lệ phí", "payment confirmed"),
    "type.paused": ("tạm ngưng giải quyết", "paused"),
    "type.resumed": ("được giải quyết tiếp", "resumed"),
    "type.extended": ("được hẹn lại ngày trả", "extended"),
    "type.overdue": ("quá hẹn, chưa có kết quả", "overdue"),
    "type.withdrawn": ("đã rút theo yêu cầu", "withdrawn"),
    "type.stopped": ("đã ngừng giải quyết", "stopped"),
    "type.result_ready": ("đã có kết quả", "result ready"),
    "type.result_posted": ("kết quả đã gửi bưu điện", "result posted"),
    "type.returned": ("đã trả kết quả", "returned"),
    "channel.counter": ("Trực tiếp", "Counter"),
    "channel.online": ("Trực tuyến", "Online"),
    "channel.post": ("Bưu chính", "Post"),
    "words.vi": ("Tiếng Việt", "Vietnamese"),
    "words.en": ("Tiếng Anh", "English"),
    "words.shipped": ("Mẫu có sẵn", "The shipped words"),
    "words.of": ("Lời thừa hưởng từ {name}", "The words of {name}"),
    # The list.
    "situations": ("Mẫu tin", "Templates"),
    "situations.lead": (
        "Chọn tình huống cần xem, sửa lời.",
        "Choose whose words to see or change.",
    ),
    "situations.choose": (
        "Xin chọn đơn vị có lời cần xem hoặc sửa. Lần sau mở trang là đơn vị này.",
        "Choose the office whose words you want to see or change. It is shown again next time.",
    ),
    "situations.filter": ("Chỉ xem", "Show only"),
    "situations.jump": ("Tới tình huống", "Go to a situation"),
    "group.filing": ("Nộp hồ sơ", "Filing"),
    "group.owed": ("Giấy tờ, phí", "Papers and fees"),
    "group.work": ("Giải quyết", "Work on it"),
    "group.result": ("Kết quả", "Result"),
    "situations.empty": ("Không có tình huống nào như vậy.", "No situation is like that."),
    "filter.all": ("Tất cả", "All"),
    "filter.pending": ("Chưa áp dụng", "Not in use yet"),
    "filter.inherited": ("Mẫu có sẵn, thừa hưởng", "Shipped or inherited"),
    "standing.own": ("Lời riêng", "Own words"),
    "standing.inherited": ("Thừa hưởng", "Inherited"),
    "standing.silent": ("Không gửi", "Silent"),
    "standing.missing": ("Thiếu lời", "Lacks words"),
    "from.shipped": ("bộ mẫu có sẵn", "the shipped set"),
    "used": ("{count} tin / 30 ngày", "{count} messages / 30 days"),
    "status.draft": ("Bản nháp", "Draft"),
    "status.submitted": ("Chờ duyệt", "Waiting for approval"),
    "status.approved": ("Đã duyệt", "Approved"),
    "status.published": ("Đang áp dụng", "Published"),
    "status.retired": ("Đã thay", "Retired"),
    "status.sent_back": ("Bị trả lại", "Sent back"),
    "status.dropped": ("Bản nháp bỏ", "Dropped draft"),
    "status.unused": ("Không dùng", "Not used"),
    "status.off": ("Đang tắt", "Switched off"),
    # One template.
    "crumbs": ("Trang này ở đâu", "Where this page stands"),
    "template.now": ("Lời đang gửi", "The words sent now"),
    "template.words_off": ("Lời khi bật gửi tin", "The words once it sends"),
    "template.none": (
        "Chưa có lời nào. Tin của tình huống này bị tạm giữ.",
        "There are no words yet. Messages of this situation are held.",
    ),
    "template.none_off": ("Chưa có lời nào.", "There are no words yet."),
    "template.own": ("Lời riêng của {name}.", "{name}’s own words."),
    "template.inherit": (
        "Bỏ lời riêng, dùng lời của {name}",
        "Drop these words, use those of {name}",
    ),
    "template.inherit_shipped": (
        "Bỏ lời riêng, dùng mẫu có sẵn",
        "Drop these words, use the shipped ones",
    ),
    "template.inherit_none": ("Bỏ lời riêng", "Drop these words"),
    "template.channel": ("Kênh", "Channel"),
    "template.language": ("Ngôn ngữ của tin", "Language of the message"),
    "switch": ("Tình huống này", "This situation"),
    "switch.sends": ("Có gửi tin", "Sends a message"),
    "switch.silent": ("Không gửi tin", "Sends nothing"),
    "switch.by": ("Theo {name}.", "As {name} says."),
    "switch.by_shipped": ("Theo bộ mẫu có sẵn.", "As the shipped set says."),
    "switch.to_yes": ("Bật gửi tin", "Switch it on"),
    "switch.to_no": ("Tắt, không gửi", "Switch it off"),
    "switch.to_inherit": ("Theo đơn vị cấp trên", "As the offices above say"),
    "switch.off": (
        "Đang tắt: KHÔNG gửi tin “{situation}” ({channel}).",
        "Switched off: NO message “{situation}” ({channel}) is sent.",
    ),
    "sure.reason": ("Vì sao", "Why"),
    "sure.off": (
        "Người dân sẽ không nhận tin “{situation}” ({channel}) nữa, đến khi bật lại.",
        "Citizens will get no message “{situation}” ({channel}) until it is switched on again.",
    ),
    "sure.off_do": ("Xác nhận tắt", "Yes, switch it off"),
    "sure.on": (
        "Người dân sẽ nhận tin “{situation}” ({channel}).",
        "Citizens will get the message “{situation}” ({channel}).",
    ),
    "sure.on_do": ("Xác nhận bật", "Yes, switch it on"),
    "sure.above": (
        "Tình huống này sẽ gửi hay không tùy đơn vị cấp trên.",
        "The offices above will say whether it sends.",
    ),
    "sure.above_do": ("Xác nhận", "Yes, as they say"),
    "sure.inherit": (
        "Tin gửi từ bây giờ không dùng lời riêng nữa. Lời riêng còn trong “Các phiên bản”.",
        "Messages from now on no longer use these words. They stay under “Versions”.",
    ),
    "sure.inherit_none": (
        "Không còn lời nào: tin của tình huống này sẽ bị tạm giữ.",
        "No words are left: messages of this situation will be held.",
    ),
    "sure.inherit_do": ("Xác nhận bỏ lời riêng", "Yes, drop them"),
    # What is in the making.
    "pending": ("Phiên bản {number}", "Version {number}"),
    "pending.by": ("{name} soạn", "by {name}"),
    "pending.why": ("Lý do: {reason}", "Why: {reason}"),
    "pending.remark": ("Góp ý: {remark}", "Remark: {remark}"),
    "pending.diff": (
        "Gạch ngang là bỏ, gạch chân là thêm.",
        "Struck out goes, underlined comes.",
    ),
    "pending.waits_approver": (
        "Chờ người khác duyệt.",
        "It waits for another person’s approval.",
    ),
    "pending.own": (
        "Ông/bà đã soạn lời này, nên người khác phải duyệt.",
        "You had a hand in these words, so another person must approve them.",
    ),
    "do.submit": ("Gửi duyệt", "Submit for approval"),
    "do.approve": ("Duyệt, áp dụng sau", "Approve, publish later"),
    "do.approve_publish": ("Duyệt và áp dụng ngay", "Approve and publish now"),
    "do.publish": ("Áp dụng ngay", "Publish now"),
    "do.send_back": ("Trả lại người soạn", "Send back"),
    "do.remark": ("Cần sửa gì", "What is to be changed"),
    "pending.words": ("Lời của phiên bản {number}", "The words of version {number}"),
    # Where a version stands with providers.
    "registered.draft": ("chưa gửi đăng ký", "not sent yet"),
    "registered.submitted": ("chờ nhà mạng duyệt", "waits for the provider"),
    "registered.approved": ("nhà mạng đã duyệt", "approved by the provider"),
    "registered.rejected": ("nhà mạng từ chối", "refused by the provider"),
    # The editor.
    "editor": ("Sửa lời", "Change the words"),
    "editor.text": ("Lời nhắn", "Words"),
    "editor.chips": ("Chèn chỗ trống:", "Insert a placeholder:"),
    "editor.chips_help": ("Chỗ trống dùng được", "Placeholders"),
    "editor.reason": ("Vì sao sửa", "Why you change it"),
    "editor.reason_hint": (
        "Một câu ngắn cho người duyệt.",
        "A short sentence, for whoever approves.",
    ),
    "editor.save": ("Lưu nháp", "Save draft"),
    "editor.save_submit": ("Lưu và gửi duyệt", "Save and submit"),
    "editor.try": ("Xem thử", "Preview"),
    "refused.submit": ("Chưa gửi được:", "Not submitted:"),
    "refused.save": ("Chưa lưu được:", "Not saved:"),
    "refused.kept": (
        "Lời ông/bà viết còn nguyên trong ô bên dưới, chưa được lưu.",
        "What you wrote is untouched in the field below, and not saved.",
    ),
    "asked": ("Xin xác nhận trước khi gửi duyệt", "Please confirm before it is submitted"),
    "asked.first": ("Xin xác nhận trước", "Please confirm first"),
    "asked.no_words": (
        "Tình huống này chưa có lời: bật thì tin bị tạm giữ, đến khi có lời.",
        "There are no words for this situation: its messages will be held until there are.",
    ),
    "asked.replaces": (
        "Phiên bản {number} ({name} soạn) đang chờ duyệt. Gửi lời mới thì lời đó không được "
        "duyệt nữa.",
        "Version {number}, by {name}, waits for approval. If you submit new words, it no "
        "longer does.",
    ),
    "asked.segments": (
        "Khi tên, mã, nơi nhận dài nhất, mỗi tin là {segments} SMS ({cost}).",
        "With the longest name, code and place each message is {segments} SMS ({cost}).",
    ),
    "asked.kept": (
        "Đã lưu nháp thành phiên bản {number}, chưa gửi duyệt.",
        "It is saved as the draft {number}, and not submitted yet.",
    ),
    "chip.maximum": ("tối đa {count} ký tự", "at most {count} characters"),
    "chip.default": ("thiếu thì ghi “{default}”", "if missing: “{default}”"),
    "placeholder.don_vi": ("tên đơn vị", "the office’s name"),
    "placeholder.so_dien_thoai": ("số điện thoại để hỏi", "the desk’s phone"),
    "placeholder.dau_so": ("đầu số trả lời", "the number that citizens reply to"),
    "placeholder.ma_ho_so": ("mã hồ sơ", "case code"),
    "placeholder.ma_buu_gui": ("mã bưu gửi", "tracking code of the post"),
    "placeholder.so_phan_anh": ("số phản ánh", "number of the petition"),
    "placeholder.ngay_hen": ("ngày hẹn trả", "date the result is due"),
    "placeholder.ngay_hen_moi": ("ngày hẹn mới", "the new date"),
    "placeholder.han_tra_loi": ("hạn trả lời phản ánh", "date a petition is answered by"),
    "placeholder.le_phi": ("phí, lệ phí", "fee"),
    "placeholder.ly_do": ("lý do", "reason"),
    "placeholder.noi_nhan": ("nơi nhận kết quả", "where to collect"),
    "placeholder.trang_thai": ("tình trạng hồ sơ", "where the case stands"),
    "kind.text": ("chữ", "text"),
    "kind.date": ("ngày", "date"),
    "kind.money": ("tiền", "money"),
    "kind.code": ("mã", "code"),
    "kind.phone": ("số điện thoại", "phone"),
    # The preview.
    "preview": ("Người dân đọc được", "What the citizen reads"),
    "preview.status": (
        "Đơn vị gửi bản {form}: {segments} SMS khi tên, mã, nơi nhận dài nhất.",
        "The office sends it {form}: {segments} SMS with the longest name, code and place.",
    ),
    "preview.expired": (
        "Phiên làm việc đã hết nên không xem thử được. Cứ soạn tiếp: khi lưu, trang hỏi "
        "mật khẩu và lời vẫn còn.",
        "The session is over, so there is no preview. Go on writing: when you save, the page asks "
        "for your password, and your words stay.",
    ),
    "preview.empty": ("Viết lời nhắn để xem trước.", "Write words to see them here."),
    "form.accented": ("có dấu", "accented"),
    "form.plain": ("chữ thường", "plain"),  # English: there are no tones to leave out
    "form.toneless": ("không dấu", "toneless"),
    "phone.sent": ("Bản được gửi", "This one is sent"),
    "phone.not_sent": ("Chỉ để so sánh", "To compare only"),
    "phone.no_sample": (
        "Không dựng được mẫu: có chỗ trống mà tình huống này không có giá trị.",
        "No sample: a placeholder has no value in this situation.",
    ),
    "phone.sample": ("Ví dụ", "Sample"),
    "phone.longest": ("Dài nhất", "Longest"),
    "phone.count": ("{segments} SMS · {units} ký tự", "{segments} SMS · {units} characters"),
    "phone.accented": ("Có dấu: 70 ký tự một SMS.", "Accented: 70 characters an SMS."),
    "phone.forcing": (
        "Chữ có gạch chân làm một SMS chỉ còn 70 ký tự.",
        "Because of the underlined characters an SMS holds 70 only.",
    ),
    "fix": ("Thay {count} ký tự lạ", "Replace {count} unusual characters"),
    "fix.saved": (
        "Thay {count} ký tự lạ để bớt {saved} SMS",
        "Replace {count} unusual characters to save {saved} SMS",
    ),
    "fix.remove": ("bỏ", "removed"),
    "warnings": ("Cần xem lại", "To look at"),
    "check.syntax": (
        "Dấu ngoặc nhọn ở ký tự thứ {detail} không có đôi. Xóa rồi bấm nút chỗ trống.",
        "The brace at character {detail} lacks its pair. Delete it and press a placeholder’s "
        "button.",
    ),
    "check.placeholder": (
        "Không có chỗ trống {detail}. Xóa rồi bấm nút dưới ô lời nhắn.",
        "There is no placeholder {detail}. Delete it and press a button below the words.",
    ),
    "check.placeholder_like": (
        "Không có chỗ trống {detail}. Xóa rồi bấm nút “{button}”.",
        "There is no placeholder {detail}. Delete it and press the button “{button}”.",
    ),
    "check.too_long": (
        "Lời dài {detail} ký tự, quá mức 1000. Xin rút ngắn; trang không tự cắt.",
        "The words have {detail} characters, and 1000 is the limit. Shorten them; nothing is "
        "cut off.",
    ),
    "check.characters": (
        "SMS không có ký tự: {detail}. Phải bỏ.",
        "No SMS alphabet has: {detail}. Remove it.",
    ),
    "check.refused": (
        "Nhà mạng không nhận ký tự: {detail}. Phải bỏ.",
        "Operators refuse: {detail}. Remove it.",
    ),
    "check.link": (
        "Đơn vị không cho phép đường dẫn {detail}. Cần thì quản trị thêm ở trang Đơn vị.",
        "The office allows no link to {detail}. If it is needed, an administrator adds it.",
    ),
    "check.gateway_refused": (
        "Cổng không nhận ký tự: {detail}. Tin sẽ đi cổng khác, hoặc bị giữ.",
        "A gateway refuses: {detail}. Messages take another, or are held.",
    ),
    "check.gateway_alphabet": (
        "Cổng {detail} không gửi được chữ có dấu. Tin sẽ đi cổng khác, hoặc bị giữ.",
        "The gateway {detail} cannot carry these characters. Messages take another, or are held.",
    ),
    "check.gateway_length": (
        "Dài hơn số SMS mà cổng nhận: {detail}. Tin sẽ đi cổng khác, hoặc bị giữ.",
        "It is more SMS than a gateway takes: {detail}. Messages take another, or are held.",
    ),
    "check.missing": (
        "Thiếu {detail}: bấm nút “{button}” để chèn.",
        "{detail} is missing: press the button “{button}” to put it in.",
    ),
    "check.length": (
        "Khi tên, mã, nơi nhận dài nhất: {segments} SMS. Bớt {count} ký tự để còn {fewer} SMS.",
        "With the longest name, code and place: {segments} SMS. Characters to cut for "
        "{fewer} SMS: {count}.",
    ),
    "check.parameters": (
        "Có {detail} chỗ trống; nhà mạng chỉ đăng ký 3.",
        "There are {detail} placeholders; operators register 3.",
    ),
    "check.unfillable": (
        "Hồ sơ không có {detail}: mọi tin sẽ bị giữ lại.",
        "No case has {detail}: every message would be held.",
    ),
    "check.ambiguous": (
        "Bản không dấu của “{word}” dễ hiểu nhầm. Nên dùng: {instead}.",
        "Without tones “{word}” reads as another word. Better: {instead}.",
    ),
    # Trying them on one's own phone.
    "trial": ("Gửi thử", "Try it on a phone"),
    "trial.lead": (
        "Lời này đến máy của ông/bà với giá trị ví dụ, mở đầu bằng “TIN THU”. Không lưu gì.",
        "These words go to your own phone with sample values, beginning “TEST”. Nothing is kept.",
    ),
    "trial.do": ("Gửi thử đến {phone}", "Send to {phone}"),
    "trial.no_phone": (
        "Muốn gửi thử, trước hết xin ghi số di động của ông/bà.",
        "To try words, first give your own mobile number.",
    ),
    "trial.other_phone": ("Số khác", "Another number"),
    "trial.accepted": (
        "Đã gửi {segments} SMS đến {phone}. Xin xem điện thoại.",
        "{segments} SMS went to {phone}. Look at your phone.",
    ),
    "trial.not": ("Chưa gửi.", "Not sent."),
    "trial.unknown": (
        "Chưa rõ tin đã gửi được chưa. Xin đợi vài phút và xem điện thoại.",
        "Nobody can say yet whether it was sent. Wait a few minutes and look at your phone.",
    ),
    "trial.rejected": (
        "Cổng {gateway} không nhận tin này (mã {code}).",
        "The gateway {gateway} refused it (code {code}).",
    ),
    "trial.deferred": (
        "Chưa gửi được: lúc này không cổng nào nhận. Xin thử lại sau.",
        "Not sent: no gateway can take it now. Try again later.",
    ),
    "trial.not_registered": (
        "Chưa gửi được: cổng của đơn vị chỉ nhận lời đã đăng ký với nhà mạng.",
        "Not sent: the office’s gateway takes only words registered with the provider.",
    ),
    "trial.budget": (
        "Chưa gửi được: đơn vị đã dùng hết ngân sách tin nhắn.",
        "Not sent: the office’s SMS budget is used up.",
    ),
    "trial.characters": (
        "Chưa gửi được: cổng của đơn vị không nhận ký tự có trong lời này.",
        "Not sent: the office’s gateway does not take a character of these words.",
    ),
    "trial.too_long": (
        "Chưa gửi được: dài hơn mức cổng của đơn vị nhận.",
        "Not sent: it is longer than the office’s gateway takes.",
    ),
    "trial.too_many": (
        "Trong một giờ chỉ gửi được {most} tin như vậy. Xin thử lại sau {minutes} phút.",
        "Only {most} of these may go in an hour. Try again in {minutes} minutes.",
    ),
    "problem.no_own_phone": (
        "Xin ghi và xác nhận số di động của ông/bà trước.",
        "Give your own mobile number first, and verify it.",
    ),
    # What came in between.
    "stale": ("Lời này vừa được sửa ở nơi khác", "These words were changed elsewhere meanwhile"),
    "stale.other": (
        "{name} đã lưu phiên bản {number} khi ông/bà đang soạn.",
        "{name} saved version {number} while you were writing.",
    ),
    "stale.own": (
        "Chính ông/bà đã lưu phiên bản {number}, có lẽ ở cửa sổ khác.",
        "You saved version {number} yourself, perhaps in another window.",
    ),
    "stale.lead": (
        "Lời của ông/bà còn nguyên trong ô bên dưới và chưa được lưu. So hai bản, sửa nếu "
        "cần rồi lưu lại.",
        "Your words are untouched below and not saved yet. Compare both, change yours if "
        "needed, and save again.",
    ),
    "stale.theirs": ("Lời của {name}", "{name}’s words"),
    "stale.yours": (
        "Lời của ông/bà so với bản đó",
        "Yours against them",
    ),
    "stale.nobody": ("Người khác", "Somebody"),
    "confirm": ("Chỗ trống thay đổi", "The placeholders change"),
    "confirm.lead": (
        "Chỗ trống nào thêm vào thì phần mềm nguồn phải gửi kèm giá trị. Xin xem rồi xác nhận.",
        "Sources must send a value for each new placeholder. Please look and confirm.",
    ),
    "confirm.added": ("Thêm {name}", "{name} is new"),
    "confirm.removed": (
        "Bỏ {name}: người dân không đọc được nữa. Lỡ xóa thì bấm nút “{name}” ở dưới để chèn lại.",
        "{name} goes: citizens no longer read it. If you deleted it by mistake, press the button "
        "“{name}” below.",
    ),
    "confirm.default": (
        "Thiếu thì dùng giá trị mặc định.",
        "Where it is missing, its default stands in.",
    ),
    "confirm.held": ("Thiếu thì tin bị tạm giữ.", "Where it is missing, messages are held."),
    "confirm.source": (
        "{source}: {filled} trong {seen} hồ sơ gần nhất có giá trị này.",
        "{source}: {filled} of its last {seen} such events had this value.",
    ),
    "confirm.no_source": (
        "Chưa có hồ sơ nào gửi đến cho tình huống này, nên chưa biết phần mềm nguồn có gửi "
        "giá trị này không.",
        "No source has posted for this situation yet, so nobody knows whether it sends this value.",
    ),
    "confirm.do": ("Xác nhận và gửi duyệt", "Confirm and submit"),
    # Versions.
    "versions": ("Các phiên bản", "Versions"),
    "versions.approver": (
        "Chỉ người duyệt dùng lại được lời cũ.",
        "Only an approver can send earlier words again.",
    ),
    "versions.none": (
        "Đơn vị chưa viết lời riêng cho tình huống này.",
        "The office has not written words of its own here.",
    ),
    "version.compare": ("Xem và so sánh", "Look and compare"),
    "version.back_to": (
        "lấy lại lời của phiên bản {number}",
        "the words of version {number} again",
    ),
    "version.now": ("Lời đang gửi", "Sent now"),
    "version.inherited": ("Lời thừa hưởng", "The inherited words"),
    "version.diff": (
        "Gạch ngang là bỏ, gạch chân là thêm.",
        "Struck out went, underlined came.",
    ),
    "version.then": ("Phiên bản {number}", "Version {number}"),
    "version.changes": ("Khác nhau", "Differences"),
    "version.history": ("Đã qua các bước", "What was done with it"),
    "step.written": ("soạn", "written"),
    "step.submitted": ("gửi duyệt", "submitted"),
    "step.sent_back": ("trả lại", "sent back"),
    "step.approved": ("duyệt", "approved"),
    "step.published": ("áp dụng", "published"),
    "step.retired": ("thay bằng lời khác", "replaced"),
    "roll_back": ("Dùng lại lời này", "Send these words again"),
    "roll_back.lead": (
        "Lời này từng được duyệt. Bấm nút là áp dụng ngay, thành một phiên bản mới.",
        "These words were approved before. The button publishes them at once, as a new version.",
    ),
    "roll_back.reason": ("Vì sao dùng lại", "Why"),
    # What was done.
    "done.saved": ("Đã lưu nháp.", "The draft is saved."),
    "done.submitted": (
        "Đã gửi duyệt. Người khác duyệt xong thì dùng lời này.",
        "Submitted. The words are used once another person approves.",
    ),
    "done.approved": ("Đã duyệt. Chưa áp dụng.", "Approved, not yet published."),
    "done.published": (
        "Đã áp dụng. Tin gửi từ bây giờ dùng lời này.",
        "Published. Messages from now on use these words.",
    ),
    "done.unfit": (
        "Chưa áp dụng: lời này không được phép gửi nữa. Xem mục “Cần xem lại”.",
        "Not published: these words must not be sent any more. See “To look at”.",
    ),
    "done.sent_back": ("Đã trả lại người soạn.", "It is sent back."),
    "done.remark": (
        "Chưa trả lại: xin ghi cần sửa gì.",
        "Not sent back: please say what is to be changed.",
    ),
    "done.reason": ("Chưa đổi: xin ghi lý do.", "Nothing changed: please say why."),
    "done.rolled_back": ("Đã dùng lại lời cũ.", "The earlier words are sent again."),
    "done.inherited": ("Đã bỏ lời riêng.", "The office’s own words are dropped."),
    "done.sends": ("Đã bật. Từ bây giờ có gửi tin.", "Switched on. Messages are sent from now on."),
    "done.silent": (
        "Từ bây giờ KHÔNG gửi tin “{situation}” ({channel}).",
        "From now on NO message “{situation}” ({channel}) is sent.",
    ),
    "problem.syntax": (
        "Dấu ngoặc hoặc tên chỗ trống chưa đúng.",
        "A brace lacks its pair, or there is no such placeholder.",
    ),
    "problem.characters": (
        "Có ký tự mà SMS không có.",
        "No SMS alphabet has a character of it.",
    ),
    "problem.refused": ("Có ký tự nhà mạng không nhận.", "Operators refuse a character of it."),
    "problem.link": (
        "Có đường dẫn mà đơn vị không cho phép.",
        "It has a link that the office does not allow.",
    ),
    "problem.missing": (
        "Thiếu phần bắt buộc: xem mục “Cần xem lại”.",
        "A part that must be there is missing: see “To look at”.",
    ),
}
