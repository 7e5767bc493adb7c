"""All settings, with defaults and meanings. They come from the environment: `HIDDEN_STATE_PORT=8080`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import torch
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from models import HiddenStateError
from models.zoo import split_folders

from .http.hosts import ANY, host_name

PREFIX = "HIDDEN_STATE_"


class SettingsError(HiddenStateError):
    """A setting has an invalid value."""

    code = "settings"


def known_device(value: str) -> str:
    """`value` if models can run there, with "auto" resolved.

    Raises:
        ValueError: saying why they cannot.
    """
    if value == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(value)
    except RuntimeError:
        raise ValueError(f"there is no device {value!r}; use cpu, cuda or auto") from None
    if device.type not in ("cpu", "cuda"):
        raise ValueError(f"{value!r} is not supported; use cpu, cuda or auto")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ValueError("this machine has no CUDA device that PyTorch can use; use cpu")
    return value


class Settings(BaseSettings):
    """The server's settings. Names carry their units; README lists them all."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 lets other machines in.")
    port: int = Field(8000, ge=0, le=65535, description="TCP port to listen on.")
    device: str = Field(
        "cpu", description="Where models read: cpu, cuda, cuda:1, …, or auto (cuda where there is one)."
    )
    model_folders: Annotated[list[Path], NoDecode] = Field(
        [], description=f"Folders with models of your own, separated by {os.pathsep!r}."
    )
    lesson_folders: Annotated[list[Path], NoDecode] = Field(
        [], description=f"Folders with lessons of your own, separated by {os.pathsep!r}."
    )
    text_limit_characters: int = Field(2_000_000, ge=1, description="Longest text of one session or trace.")
    column_limit: int = Field(2_000, ge=1, description="Most columns of a heatmap sent at once.")
    panel_limit: int = Field(12, ge=1, description="Most panels in one session.")
    session_limit: int = Field(64, ge=1, description="Most sessions at a time.")
    connection_limit: int = Field(
        512, ge=1, description="Most connections at a time; fewer where the system allows the process fewer open files."
    )
    idle_timeout_seconds: float = Field(
        30.0,
        gt=0,
        description="How long a connection may send no request, or accept nothing of an answer, before it is closed.",
    )
    memory_limit_mebibytes: int = Field(
        4096, ge=1, description="Most memory for the recordings of all sessions together."
    )
    trace_limit_mebibytes: int = Field(
        512, ge=1, description="Largest answer of POST /api/trace and POST /api/numbers."
    )
    trace_memory_limit_mebibytes: int = Field(1024, ge=1, description="Most memory for all such answers being sent.")
    message_limit_bytes: int = Field(
        16 << 20, ge=1024, description="Largest message or request that the server accepts."
    )
    worker_threads: int = Field(
        default_factory=lambda: min(os.cpu_count() or 1, 1024),
        ge=1,
        le=1024,
        description="Threads that compute; one a processor.",
    )
    ping_interval_seconds: float = Field(
        20.0, gt=0, description="How often the socket checks that the page is still there."
    )
    allowed_origins: Annotated[list[str], NoDecode] = Field(
        [], description="Other origins that may open the socket, separated by commas: https://example.org."
    )
    allowed_hosts: Annotated[list[str], NoDecode] = Field(
        [], description="Other names of this server, separated by commas: rnn.example.org; * allows every name."
    )
    log_level: str = Field("info", description="critical, error, warning, info or debug.")

    @field_validator("model_folders", "lesson_folders", mode="before")
    @classmethod
    def _split_folders(cls, value: object) -> object:
        return split_folders(value) if isinstance(value, str) else value

    @field_validator("allowed_origins", "allowed_hosts", mode="before")
    @classmethod
    def _split_names(cls, value: object) -> object:
        return (
            [part.strip().rstrip("/") for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

    @field_validator("allowed_hosts")
    @classmethod
    def _names_of_hosts(cls, value: list[str]) -> list[str]:
        for name in value:
            if name != ANY and host_name(name) != name.lower():
                raise ValueError(f"{name!r} is no host's name; write it without http:// and without a port")
        return value

    @field_validator("host")
    @classmethod
    def _some_host(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("it is empty; use 127.0.0.1 for this machine only, 0.0.0.0 to let other machines in")
        return value.strip()

    @field_validator("device")
    @classmethod
    def _known_device(cls, value: str) -> str:
        return known_device(value)

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        levels = ("critical", "error", "warning", "info", "debug")
        if value.lower() not in levels:
            raise ValueError(f"must be one of {', '.join(levels)}")
        return value.lower()


def read_settings(**overrides: object) -> Settings:
    """The settings from the environment, overridden by those of the command line.

    Raises:
        SettingsError: naming the setting, what is wrong with it and its allowed values.
    """
    try:
        return Settings(**{k: v for k, v in overrides.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        fault = error.errors()[0]
        name = f"{PREFIX}{'_'.join(map(str, fault['loc'][:1])).upper()}"
        raise SettingsError(
            f"{name}={fault['input']!s} cannot be used: {fault['msg'].removeprefix('Value error, ')}."
        ) from None
