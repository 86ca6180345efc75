"""What stands on every page, and at the door."""

WORDS: dict[str, tuple[str, str]] = {
    "app": ("Báo Tin", "Báo Tin"),
    "app.lead": ("Tin nhắn cho người dân", "Messages to citizens"),
    "skip": ("Tới nội dung", "Skip to content"),
    "language": ("English", "Tiếng Việt"),
    "nav": ("Các trang", "Pages"),
    "nav.templates": ("Mẫu tin", "Templates"),
    "nav.log_out": ("Đăng xuất", "Log out"),
    "error.fields": (
        "Chưa được: xin sửa chỗ được đánh dấu dưới đây.",
        "Not done yet: please mend what is marked below.",
    ),
    "back_home": ("Về trang đầu", "To the first page"),
    "back": ("Quay lại", "Back"),
    "office": ("Đơn vị", "Office"),
    "show": ("Xem", "Show"),
    # The door.
    "login": ("Đăng nhập", "Log in"),
    "login.email": ("Địa chỉ thư điện tử", "E-mail address"),
    "login.password": ("Mật khẩu", "Password"),
    "login.submit": ("Đăng nhập", "Log in"),
    "login.refused": (
        "Địa chỉ hoặc mật khẩu chưa đúng.",
        "The address or the password is not right.",
    ),
    "login.refused_code": (
        "Mã chưa đúng hoặc đã hết hạn. Xin nhập mã đang hiện, hoặc đăng nhập lại từ đầu.",
        "The code is not right, or too old. Type the one that shows now, or log in anew.",
    ),
    "login.wait": (
        "Sai nhiều lần. Xin thử lại sau {seconds} giây.",
        "Too many tries. Please try again in {seconds} seconds.",
    ),
    "login.busy": ("Hệ thống đang bận. Xin thử lại.", "The system is busy. Please try again."),
    "login.again": (
        "Phiên làm việc đã hết. Xin đăng nhập lại.",
        "The session is over. Please log in again.",
    ),
    "login.kept": (
        "Phiên làm việc đã hết. Lời đang soạn còn nguyên: đăng nhập lại là soạn tiếp.",
        "The session is over. What you wrote is untouched: log in and go on writing.",
    ),
    "login.kept_form": (
        "Phiên làm việc đã hết. Điều ông/bà vừa điền còn nguyên: đăng nhập là gửi tiếp được.",
        "The session is over. What you filled in is untouched: log in and send it.",
    ),
    "login.lost": (
        "Phiên làm việc đã hết, điều vừa gửi chưa được nhận. Xin đăng nhập rồi làm lại.",
        "The session is over; what you sent was not taken. Please log in and do it again.",
    ),
    "filled": ("Điều ông/bà vừa điền", "What you filled in"),
    "filled.lead": (
        "Chưa gửi, chưa có gì thay đổi. Số điện thoại nếu có thì phải điền lại.",
        "It is not sent, and nothing was changed. A phone number has to be typed again.",
    ),
    "filled.not": ("Không gửi, mở lại trang", "Do not send; open the page"),
    "filled.remark": ("Cần sửa gì", "What is to be changed"),
    "filled.reason": ("Vì sao", "Why"),
    "filled.sends": ("Gửi tin", "Sending"),
    "filled.host": ("Tên trang", "Host"),
    "filled.name": ("Họ và tên", "Name"),
    "filled.email": ("Địa chỉ thư điện tử", "E-mail address"),
    "filled.role": ("Vai trò", "Role"),
    "filled.office": ("Tại đơn vị", "At the office"),
    "resume": ("Soạn tiếp", "Go on writing"),
    "resume.lead": (
        "Lời đang soạn còn nguyên và chưa được lưu.",
        "What you wrote is untouched, and not saved yet.",
    ),
    "resume.unsaved": (
        "Lời còn nguyên, chưa được lưu. Soạn xong xin bấm “Lưu và gửi duyệt”.",
        "Your words are untouched, and not saved. When they are done, press “Save and submit”.",
    ),
    "resume.do": ("Soạn tiếp", "Go on writing"),
    "login.out": ("Đã đăng xuất.", "You are logged out."),
    "login.help": (
        "Quên mật khẩu? Xin nhờ quản trị của đơn vị cấp lại.",
        "Forgot the password? Please ask your office's administrator for a new one.",
    ),
    "code": ("Mã xác thực", "Code"),
    "code.lead": (
        "Mở ứng dụng xác thực trên điện thoại và nhập sáu số đang hiện.",
        "Open the authenticator app on your phone and type the six digits it shows.",
    ),
    "code.label": ("Mã sáu số", "Six-digit code"),
    "password": ("Đặt mật khẩu của riêng mình", "Choose a password of your own"),
    "password.lead": (
        "Mật khẩu vừa dùng là tạm. Xin đặt mật khẩu mới, ít nhất 12 ký tự; "
        "một câu dễ nhớ là tốt nhất.",
        "The password you used is temporary. Choose a new one of at least 12 characters; "
        "a sentence that you remember is best.",
    ),
    "password.old": ("Mật khẩu hiện nay", "Current password"),
    "password.new": ("Mật khẩu mới", "New password"),
    "password.hint": ("Ít nhất 12 ký tự.", "At least 12 characters."),
    "password.reveal": ("Hiện mật khẩu", "Show the password"),
    "password.submit": ("Đặt mật khẩu", "Set password"),
    # Pages that say no.
    "404": ("Không có trang này", "There is no such page"),
    "404.lead": (
        "Có thể địa chỉ sai, hoặc việc này thuộc đơn vị khác.",
        "The address may be wrong, or this belongs to another office.",
    ),
    "403": ("Không được phép", "Not allowed"),
    "403.lead": (
        "Vai trò của ông/bà không làm được việc này. Cần thì hỏi quản trị của đơn vị.",
        "Your role does not include this. Ask your office's administrator if you need it.",
    ),
    "403.own": (
        "Người soạn không tự duyệt. Xin nhờ người khác.",
        "Nobody approves their own words. Please ask another person.",
    ),
    "form": ("Biểu mẫu đã cũ", "The form is out of date"),
    "form.lead": (
        "Sau khi mở trang này, ông/bà đã đăng xuất hoặc đăng nhập lại, nên điều vừa gửi chưa được "
        "nhận. Chưa có gì thay đổi. Xin mở lại trang, điền và gửi lại.",
        "You logged out, or in again, after this page was opened, so what you sent was not taken. "
        "Nothing was changed. Open the page anew, fill it in and send it again.",
    ),
    "413": ("Quá dài", "Too long"),
    "413.lead": ("Nội dung gửi lên quá dài.", "What was sent is too long."),
    "409": ("Đã thay đổi rồi", "It changed meanwhile"),
    "409.again": ("Xem lại lời này", "Look at these words again"),
    "409.lead": (
        "Người khác vừa làm việc này, hoặc việc đã sang bước khác. Xin xem lại trang.",
        "Somebody did this already, or it has moved on. Please look at the page again.",
    ),
    "422": ("Địa chỉ chưa đúng", "The address is not right"),
    "422.lead": (
        "Một phần của địa chỉ hoặc biểu mẫu không dùng được.",
        "A part of the address or the form cannot be used.",
    ),
    "broken.kept": (
        "Lời đang soạn còn nguyên ở đây. Xin soạn tiếp khi làm lại được.",
        "What you wrote is still here. Go on with it once this works again.",
    ),
    "503": ("Tạm thời chưa làm được", "Not possible right now"),
    "503.lead": (
        "Cơ sở dữ liệu đang bận. Chưa có gì thay đổi. Xin thử lại sau ít giây.",
        "The database is busy. Nothing was changed. Please try again in a few seconds.",
    ),
    "500": ("Lỗi của hệ thống", "Something broke on our side"),
    "500.lead": (
        "Lỗi đã được ghi lại. Xin thử lại; nếu vẫn lỗi, báo người vận hành mã này: {request}",
        "It has been noted. Please try again; if it stays, tell the operator this id: {request}",
    ),
    # A field that is not right, by its code.
    "problem.required": ("Xin điền chỗ này.", "Please fill this in."),
    "problem.invalid": ("Chỗ này chưa đúng.", "This is not right."),
    "problem.wrong": ("Mật khẩu chưa đúng.", "The password is not right."),
    "problem.too_short": ("Quá ngắn.", "It is too short."),
    "problem.too_long": ("Quá dài.", "It is too long."),
    "problem.too_many_tries": (
        "Sai nhiều lần. Xin đợi một phút rồi thử lại.",
        "Too many tries. Please wait a minute and try again.",
    ),
    "problem.too_simple": ("Dễ đoán quá.", "It is too easy to guess."),
}
