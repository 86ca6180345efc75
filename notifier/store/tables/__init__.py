"""The tables. Times are aware and UTC; `*_cipher` columns hold `store/sealing.py`'s envelopes.

Every row carries `purge_after`: when retention may remove it or its personal columns; empty
means that it is kept until something else says so (settings of an office, for example).
"""

from notifier.store.tables.base import Base
from notifier.store.tables.calendar import CalendarDay, OfficeCalendar
from notifier.store.tables.callbacks import AlertCallback, SourceCallback
from notifier.store.tables.catalogue import (
    ApiKey,
    LinkHost,
    Office,
    Revision,
    Situation,
    Source,
    SourceDay,
    SourceOffice,
    Template,
    TemplateStep,
    TemplateVersion,
    TestNumber,
)
from notifier.store.tables.citizens import Inbound, OptOut, PhoneOperator
from notifier.store.tables.duty import AlertNotice, DutyPhone
from notifier.store.tables.figures import Figure
from notifier.store.tables.gateways import (
    GatewayBalance,
    GatewayBreaker,
    GatewayLimit,
    GatewayToken,
    OfficeRoute,
    Registration,
)
from notifier.store.tables.messages import Attempt, Case, Event, Message, Receipt
from notifier.store.tables.operations import (
    Alert,
    DailyCount,
    EncryptionKey,
    GatewayPause,
    OfficeBudget,
    OfficeSpending,
    UpkeepRun,
)
from notifier.store.tables.people import (
    AuditEntry,
    LoginThrottle,
    OwnPhone,
    StaffSession,
    StaffText,
    User,
    UserRole,
)

__all__ = [
    "Alert",
    "AlertCallback",
    "AlertNotice",
    "ApiKey",
    "Attempt",
    "AuditEntry",
    "Base",
    "CalendarDay",
    "Case",
    "DailyCount",
    "DutyPhone",
    "EncryptionKey",
    "Event",
    "Figure",
    "GatewayBalance",
    "GatewayBreaker",
    "GatewayLimit",
    "GatewayPause",
    "GatewayToken",
    "Inbound",
    "LinkHost",
    "LoginThrottle",
    "Message",
    "Office",
    "OfficeBudget",
    "OfficeCalendar",
    "OfficeRoute",
    "OfficeSpending",
    "OptOut",
    "OwnPhone",
    "PhoneOperator",
    "Receipt",
    "Registration",
    "Revision",
    "Situation",
    "Source",
    "SourceCallback",
    "SourceDay",
    "SourceOffice",
    "StaffSession",
    "StaffText",
    "Template",
    "TemplateStep",
    "TemplateVersion",
    "TestNumber",
    "UpkeepRun",
    "User",
    "UserRole",
]
