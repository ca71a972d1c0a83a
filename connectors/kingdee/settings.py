"""How one data centre of Kingdee 云星空 is reached and used."""

from datetime import timedelta
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator

from connectors.settings import ConnectionSettings

_MOST_PREFIX = 3  # of the 30 signs of an FNumber; a key of ours has 26, and a letter for each that was made before
_NAME = r"^[A-Za-z][A-Za-z0-9_]*$"


class KingdeeSettings(ConnectionSettings):
    """`url` is the server's with its `/k3cloud/`. Field names are those of this very data centre: upper case counts."""

    acct_id: str = Field(min_length=1)  # of the data centre
    user: str = Field(min_length=1)  # a user of its own, so that people's edits can be told from ours
    user_name: str = ""  # that user's name as FModifierId.FName tells it; empty: the same
    # signed: headers on each call, no session. The others log in: by password, by application secret, by a signature.
    sign_in: Literal["signed", "password", "app_secret", "sign"] = "signed"
    app_id: str = ""
    app_secret: SecretStr | None = None
    password: SecretStr | None = None
    language: int = 2052  # lcid in which the system words its refusals; 2052 is 简体中文
    time_zone: str = "Asia/Shanghai"  # of the server: its stamps bear none

    organisation: str = Field(default="100", min_length=1)  # number of the one whose customers are read and made
    currency: str = "PRE001"  # settlement currency of a new customer, without which none is saved
    # Where our key stands: a text field of your own, or FNumber, where we may give the numbers.
    key_field: str = Field(default="F_CONCORDAT_KEY", pattern=_NAME)
    number_prefix: str = (
        "CC-"  # of the numbers we give, with key_field FNumber: it tells our keys from people's numbers
    )

    # The credit archive, one record for a customer and an organisation; an empty form: credit limits are not touched.
    credit_form: str = Field(default="CRE_CustArchives", pattern=r"^([A-Za-z][A-Za-z0-9_]*)?$")
    credit_id: str = Field(default="FID", pattern=_NAME)
    credit_customer: str = Field(default="FObjectId", pattern=_NAME)
    credit_organisation: str = Field(default="FCreditOrgId", pattern=_NAME)
    credit_amount: str = Field(default="FCreditAmount", pattern=_NAME)

    # A change of one of these brings a record into the next crawl; those that a form does not have are left out.
    stamps: tuple[str, ...] = Field(default=("FModifyDate", "FApproveDate", "FForbidDate"), min_length=1)
    page: int = Field(default=2000, ge=1, le=10_000)  # rows of a query; older servers tell no more than 2000
    batch: int = Field(default=50, ge=1, le=100)  # records in a write call
    look_back: timedelta = timedelta(minutes=10)  # longer than the longest transaction; it is read twice each time

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            message = f"{name!r} is no time zone; write one such as Asia/Shanghai"
            raise ValueError(message) from error
        return name

    @model_validator(mode="after")
    def _has_room_for_the_key(self) -> Self:
        if self.key_field == "FNumber" and len(self.number_prefix) > _MOST_PREFIX:
            message = f"number_prefix takes {_MOST_PREFIX} signs: Kingdee's numbers have 30, and our keys need the rest"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _can_sign_in(self) -> Self:
        if self.sign_in == "password" and self.password is None:
            raise ValueError("sign_in password needs password")
        if self.sign_in != "password" and (self.app_secret is None or not self.app_id):
            message = f"sign_in {self.sign_in} needs app_id and app_secret"
            raise ValueError(message)
        return self

    @property
    def editor(self) -> str:
        """Who we are, as records tell it."""
        return self.user_name or self.user

    @property
    def zone(self) -> ZoneInfo:
        """Of the server's clock."""
        return ZoneInfo(self.time_zone)
